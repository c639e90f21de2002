"""The final comparison of a kernel: the leading candidates, the present schedule and the baselines, in rounds that alternate,
with nothing else running. Each repeat is in processes of its own, whose memory lies elsewhere."""
import statistics

from . import baselines, timing, values
from .errors import CandidateFailed, TuneError
from .link import LIMIT, link, run

REPEATS, ROUNDS = 5, 8


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
        self.place, command = build_baseline(builder, name)
        self.command = " ".join(w.rsplit("/", 1)[-1] for w in command)  # without this machine's paths
        timer = builder.timer_of(self.place)
        self.bits = "same" if timer.bits() == expected else "other"
        timing.rounds([timer], 1)


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


def compared(builder, places, against):
    """[[rounds a repeat] a place]: rounds are the times of its kiln_bench over that of the place `against`, in each case."""
    found = [[] for _ in places]
    for _ in range(REPEATS):
        builder.stop()
        rounds = timing.rounds([builder.timer_of(place) for place in (*places, against)], ROUNDS)
        for repeats, of_repeat in zip(found, rounds):
            repeats.append(of_repeat)
    return found


def summary(repeats):
    """What a comparison says of a candidate: its ratio to the present schedule in each case, and in the mean of each repeat."""
    return {"ratios": values.medians([ratios for rounds in repeats for ratios in rounds]),
            "repeats": [values.mean(values.medians(rounds)) for rounds in repeats]}


def best_of(finalists):
    """The one whose value is the best, of those that are faster in the mean of each repeat and lose in no case, over all
    rounds; None where the present schedule is. `finalists`: [{"point", and as summary() says}]."""
    able = [f for f in finalists if max(f["repeats"]) < 1 and not values.loses(f["ratios"]) and values.of_ratios(f["ratios"]) < 1]
    return min(able, key=lambda f: values.of_ratios(f["ratios"]), default=None)


def of_baseline(baseline, repeats, of_best, names):
    """`of_best`: the best's rounds, None where the present schedule is the best."""
    best = of_best or [[[1] * len(names)]] * len(repeats)
    per_case = [statistics.median(a / b for a, b in zip(*case))
                for case in zip(zip(*map(values.medians, repeats)), zip(*map(values.medians, best)))]
    return {"ratio": values.mean(per_case), "per_case": dict(zip(names, per_case)), "bits": baseline.bits,
            "command": baseline.command}


def compare_finalists(builder, present, leaders, with_baselines=True):
    """{"best": that of the leaders (best_of), or the present schedule; "gains": the present schedule's time over the best's, a
    figure a repeat, none where they are one; "finalists": [{"point", and as summary() says}]; "baselines": record.py}"""
    others = [p for p in leaders if p != present]
    own = builder.timer(present)
    for point in others:
        builder.prepare(point)
    ready, failed = prepared(builder, own.bits()) if with_baselines else ({}, {})
    found = compared(builder, [*map(builder.place, others), *(a.place for a in ready.values())], builder.place(present))
    finalists = [{"point": point, **summary(repeats)} for point, repeats in zip(others, found)]
    best = best_of(finalists)
    of_best = found[finalists.index(best)] if best else None
    names = [case["name"] for case in builder.unit.space.cases]
    told = {name: {"failure": why} for name, why in failed.items()}
    told.update((name, of_baseline(baseline, repeats, of_best, names))
                for (name, baseline), repeats in zip(ready.items(), found[len(others):]))
    return {"best": best["point"] if best else present, "gains": [1 / mean for mean in best["repeats"]] if best else [],
            "finalists": finalists, "baselines": told}
