"""The final comparison of a kernel: the leading candidates, the present schedule and the baselines, in rounds that alternate, with
nothing else running."""
import statistics

from . import baselines, timing
from .errors import CandidateFailed, TuneError
from .link import LIMIT, link, run

REPEATS, ROUNDS = 5, 5


def build_baseline(builder, name):
    """(folder of its kiln_bench, the generator's command)"""
    manifest, kernel = builder.manifest, builder.unit.kernel
    estimates = baselines.estimates_of(kernel)
    if estimates is None:
        raise CandidateFailed("build", "tune/estimates.json has no entry for it")
    place = builder.folder / name
    place.mkdir(parents=True, exist_ok=True)
    command = baselines.baseline_command(kernel, name, place, estimates)
    made, of = place / "made", "\n".join([*command, manifest.fingerprint(kernel)])
    if made.exists() and made.read_text() == of:
        return place, command
    run(command, baselines.LIMIT, "build", f"{name} on {kernel.name}")
    loops = place / "serial_parallel_for.o"
    run([manifest.compiler, "-O2", "-c", str(baselines.SERIAL_PARALLEL_FOR), "-o", str(loops)], LIMIT, "build", loops.name)
    link(manifest, "kiln_bench", [place / f"{kernel.symbol}.o", loops], place)
    made.write_text(of)
    return place, command


class Baseline:
    def __init__(self, builder, name, expected):
        """`expected`: the bits of Kiln's own kernel on each case."""
        place, command = build_baseline(builder, name)
        self.command = " ".join(w.rsplit("/", 1)[-1] for w in command)  # without this machine's paths
        self.timer = builder.timer_of(place)
        self.bits = "same" if self.timer.bits() == expected else "other"
        next(timing.rounds([self.timer], 1))


def prepared(builder, expected):
    """({name: Baseline}, {name: why there is none})"""
    ready, failed = {}, {}
    for name, scheduler in baselines.AUTOSCHEDULERS.items():
        if scheduler.device != builder.device:
            continue
        try:
            ready[name] = Baseline(builder, name, expected)
        except (CandidateFailed, TuneError) as e:
            failed[name] = str(e)
    return ready, failed


def case_name(case):
    shape = "x".join(map(str, case["case"]["shape"]))
    layout = case["case"].get("layout", "contiguous").replace("_", "-")
    return f"{case['case']['op']} {shape} {layout}, {case['threads']} thread{'s' * (case['threads'] > 1)}"


def compared(timers, against):
    """For each timer its time over that of the last one, in each case: [[[ratio a case] a repeat] a timer]."""
    repeats = []
    for _ in range(REPEATS):
        *_, last = timing.rounds([*timers, against], ROUNDS)
        repeats.append(last[:-1])
    return [[repeat[who] for repeat in repeats] for who in range(len(timers))]


def compare_finalists(builder, present, leaders, with_baselines=True):
    """{"best": the leader that is the fastest in its worst repeat, or the present schedule; "gains": the present schedule's time
    over the best's, a figure a repeat, none where they are one; "baselines": record.py}"""
    own = builder.timer(present)
    others = [p for p in leaders if p != present]
    builder.keep(present, *others)
    ready, failed = prepared(builder, own.bits()) if with_baselines else ({}, {})
    ratios = compared([*map(builder.timer, others), *(a.timer for a in ready.values())], own)
    by_point = [[timing.mean(repeat) for repeat in repeats] for repeats in ratios[:len(others)]]
    best, of_best = present, None
    for point, means, repeats in zip(others, by_point, ratios):
        if max(means) < (max(map(timing.mean, of_best)) if of_best else 1):
            best, of_best = point, repeats
    names = [case_name(c) for c in builder.cases()]
    found = {name: {"failure": why} for name, why in failed.items()}
    for (name, baseline), repeats in zip(ready.items(), ratios[len(others):]):
        base = of_best or [[1] * len(names)] * len(repeats)
        per_case = [statistics.median(a / b for a, b in zip(*case)) for case in zip(zip(*repeats), zip(*base))]
        found[name] = {"ratio": timing.mean(per_case), "per_case": dict(zip(names, per_case)), "bits": baseline.bits,
                       "command": baseline.command}
    return {"best": best, "gains": [1 / timing.mean(repeat) for repeat in of_best or []], "baselines": found}
