"""`kiln-tune --report`: what the search found, as one HTML file that opens without a network."""
import html
import pathlib

from bench import svg
from bench.report import CSS, card

from . import figures, values
from .baselines import AUTOSCHEDULERS
from .errors import TuneError

HOW = ("Baselines are Halide's autoschedulers on the algorithm of each kernel, without Kiln's schedule, for the same target and with the "
       "same strict_float: the kernel that they make is linked in the place of Kiln's and called by the same runtime, which cuts the "
       "work into the same pieces for the same threads. They get the extents of such a piece as estimates. In the final comparison their "
       "rounds alternate with those of the best candidate and of the present schedule. A kernel computes the same bits where a hash "
       "of its output on each case is that of Kiln's. Their own parameters: ")


def escaped(value):
    return html.escape(str(value))


def table(heads, lines, numbers=()):
    def cells(line, kind):
        return "".join(f'<{kind}{" class=n" if i in numbers else ""}>{escaped(v)}</{kind}>' for i, v in enumerate(line))
    return (f"<table><tr>{cells(heads, 'th')}</tr>" + "".join(f"<tr>{cells(line, 'td')}</tr>" for line in lines) + "</table>"
            if lines else "")


def title(each, several):
    return f"{each.name}, {each.target}" if several else each.name


def gains(every, several):
    """Bars of those whose best is not the present schedule, and the others' names."""
    better = sorted((e for e in every if e.speedup > 1), key=lambda e: -e.speedup)
    bars = [(title(e, several), "good" if e.record["written"] else "other", e.speedup,
             (f"in each of {len(e.record['gains'])} comparisons; " + ("written" if e.record["written"] else "not written"))
             if e.compared else "by the search alone: no final comparison")
            for e in better]
    rest = [title(e, several) for e in every if e not in better]
    chart = svg.bars(bars, "x", "gain per kernel") if bars else ""
    alone = [title(e, several) for e in better if not e.compared]
    return card("Times as fast as the present schedule, the least of the final comparison's repeats (green: schedules/ took it)",
                chart) + (f"<p>The present schedule is the best that was found for {len(rest)} of {len(every)}: "
                          f"{escaped(', '.join(rest))}.</p>" if rest else "") + (
                              f"<p>By the search alone, not yet compared: {escaped(', '.join(alone))}.</p>" if alone else "")


def baseline_bars(every, several):
    bars = []
    for each in every:
        for name, a in each.baselines.items():
            if "ratio" in a:
                tip = "; ".join(f"{case}: {r:.2f}" for case, r in a["per_case"].items())
                bars.append((f"{title(each, several)}: {name}", "good" if a["ratio"] >= 1 else "bad", a["ratio"],
                             f"{a['bits']} bits; {tip}"))
    return bars


def ahead(every, several):
    """A sentence: how often the best candidate is ahead of the best baseline, and where it is not."""
    best = {title(e, several): min((a["ratio"] for a in e.baselines.values() if "ratio" in a), default=None) for e in every}
    compared = {n: r for n, r in best.items() if r is not None}
    lost = [f"{n} ({r:.2f})" for n, r in compared.items() if r < 1]
    return (f"Ahead of the best baseline in {len(compared) - len(lost)} of {len(compared)} kernels"
            + (f"; behind in {', '.join(lost)}." if lost else ".")) if compared else "No baselines were run."


def baselines(every, several):
    failed = [(title(e, several), n, a["failure"]) for e in every for n, a in e.baselines.items() if "failure" in a]
    other = [(title(e, several), n, "other bits than Kiln's") for e in every for n, a in e.baselines.items() if a.get("bits") == "other"]
    own = "; ".join(f"{n}: " + ", ".join(f"{k}={v}" for k, v in s.parameters.items()) for n, s in AUTOSCHEDULERS.items()
                    if any(n in e.baselines for e in every))
    bars = baseline_bars(every, several)
    return (f'<h2 id="baselines">Baselines</h2><p>{escaped(ahead(every, several))}</p><p class="soft">{HOW}{escaped(own)}.</p>'
            + card("Time of each baseline over that of the best candidate (over 1: Kiln is ahead)",
                   svg.bars(bars, "x", "baselines") if bars else "")
            + card("Baselines without a figure, or with other bits", table(["kernel", "baseline", "why"], failed + other)))


def history(each):
    again = {t.number for t in each.timed_again}
    dots = [(t.number, each.value(t), "kiln" if t.number in again else "copy", f"{each.value(t):.3f}: {numbers_of(t.params)}")
            for t in each.finished]
    line, best = [], None
    for number, value, *_ in sorted(dots):
        best = value if best is None else min(best, value)
        line.append((number, best))
    top = max(y for _, y, *_ in dots)
    failed = [(t.number, top, "bad", f"{t.user_attrs['failure']}: {numbers_of(t.params)}") for t in each.trials
              if "failure" in t.user_attrs]
    return svg.scatter(line, dots + failed, "trial", "value: 1 is the first schedule", "history")


def numbers_of(point):
    return ", ".join(f"{n.split('.', 1)[1]} {v}" for n, v in point.items())


def importance(each):
    if not each.importance:
        return f"<p>Fewer than {figures.LEAST} finished candidates: no importances.</p>"
    lines = [(n.split(".", 1)[1], f"{share:.0%}") for n, share in each.importance.items()]
    return table(["parameter", "share of the differences in time (PED-ANOVA)"], lines, {1})


def numbers(each):
    best, present = each.best[0], each.record["present"] or {}
    return table(["number", "present", "best"], [(n, present.get(n, ""), v) for n, v in best.items()], {1, 2})


def finalists(each):
    """Of each its time over the present schedule's, in the mean and in its worst case."""
    lines = []
    for found in each.record["finalists"] or []:
        worst, name = max(zip(found["ratios"], (c["name"] for c in each.record["cases"])))
        lines.append((numbers_of(found["point"]), f"{values.mean(found['ratios']):.3f}", f"{max(found['repeats']):.3f}",
                      f"{worst:.3f}: {name}", "loses" * values.loses(found["ratios"])))
    return table(["candidate", "mean", "worst repeat", "worst case", ""], lines, {1, 2})


def case_words(case):
    shape = "x".join(map(str, case["shape"]))
    return ", ".join([case["name"], shape, *(f"{n} {v}" for n, v in case["arguments"].items())])


def section(each, several):
    counts = (f"{len(each.finished)} finished, {len(each.timed_again)} of them timed again, {sum(each.failures.values())} failed; "
              f"best value {each.best[1]:.3f}")
    failures = [(kind, n, message) for (kind, message), n in each.failures.items()]
    commands = [(n, a["command"]) for n, a in each.baselines.items() if "command" in a]
    return (f'<details id="{escaped(title(each, True))}"><summary>{escaped(title(each, several))}: {counts}</summary><div class="row">'
            + card("History: timed again, timed once (grey), failed (red)", history(each)) + card("Numbers", numbers(each) + importance(each)) + "</div>"
            + card("The final comparison", finalists(each))
            + card("Failures", table(["kind", "number", "message"], failures, {1}))
            + card("How the baselines were made", table(["baseline", "command"], commands))
            + card("Cases", table(["case"], [(case_words(c),) for c in each.record["cases"] or []])) + "</details>")


def page(every):
    several = len({e.target for e in every}) > 1
    machines = sorted({e.record["cpu"] or "not known" for e in every})
    trials = sum(len(e.trials) for e in every)
    emulated = [title(e, several) for e in every if e.record["emulated"]]
    warning = (f'<p class="warn">Under an emulator, so that times are no speed: {escaped(", ".join(emulated))}.</p>' if emulated
               else "")
    facts = "".join(f"<dt>{k}</dt><dd>{escaped(v)}</dd>" for k, v in (
        ("machine", ", ".join(machines)), ("targets", ", ".join(sorted({e.target for e in every}))),
        ("kernels and shape classes", len(every)), ("candidates", trials)))
    return (f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Kiln: schedules</title>'
            f'<meta name="viewport" content="width=device-width"><style>{CSS}</style></head><body><h1>Kiln: schedules found</h1>'
            f'<p class="soft">Point at a mark for its figure.</p><dl class="facts">{facts}</dl>{warning}<h2>Gains</h2>{gains(every, several)}'
            f"{baselines(every, several)}<h2>Kernels</h2>{''.join(section(e, several) for e in every)}</body></html>\n")


def write(storage, wanted, out):
    every = figures.read(storage, wanted)
    try:
        pathlib.Path(out).write_text(page(every))
    except OSError as e:
        raise TuneError(f"--out {out}: {e.strerror}") from e
    print(out)
