"""Which numbers schedules/<target>.json takes: those whose worst ratio, over all machines that are known, is the best."""
import dataclasses

from . import machines, values
from .locks import key

LEAST_GAIN = 0.02  # of time, on one machine at least, in each repeat of its final comparison
APART = 0.05  # share by which a machine's own best is better than the choice, to be told
ALIKE = 2  # digits of a value that count: what differs in more is noise


@dataclasses.dataclass
class Known:
    """A machine's candidates, as ratios to the present schedule in each case."""
    machine: str
    ratios: dict  # {key of a point: [ratio a case]}
    repeats: dict  # {key of a point: means of the repeats of a final comparison against the present schedule}

    def value(self, point):
        return values.of_ratios(self.ratios[point])

    def gain(self, point):
        """Of time, in the worst repeat of that comparison."""
        return 1 - max(self.repeats[point]) if point in self.repeats else 0


def known(machine, finding, present):
    """Where the machine does not know the present schedule, its ratios stay those to its own reference."""
    reference = [1.0] * len(finding["cases"])
    of = {**{key(c["point"]): c["ratios"] for c in finding["candidates"]}, key(finding["reference"]): reference}
    base = of.get(key(present), reference)
    ratios = {point: [a / b for a, b in zip(found, base)] for point, found in of.items()}
    final = {key(c["point"]): c["final"] for c in finding["candidates"] if "final" in c and key(finding["present"]) == key(present)}
    ratios.update((point, found["ratios"]) for point, found in final.items())
    return Known(machines.title(machine), ratios, {point: found["repeats"] for point, found in final.items()})


def findings(everywhere, unit, code):
    """[(machine, its finding)] about the kernels as they are now; `code`: Builder.code."""
    of = [(machine, machines.finding_of(machine, unit)) for machine in everywhere]
    return [(machine, finding) for machine, finding in of if finding and finding["code"] == code]


def rank(every, point):
    """The worst value, then the mean one, where it is alike."""
    found = [each.value(point) for each in every]
    return round(max(found), ALIKE), values.mean(found)


def choose(every, present):
    """The key of the point for all machines, which lie in `every` as Known; that of the present schedule where none is better.
    A candidate has to be known to each machine, to lose in no case of any, and to gain on one."""
    shared = set.intersection(*(set(each.ratios) for each in every)) if every else set()
    able = [point for point in shared
            if not any(values.loses(each.ratios[point]) for each in every)
            and max(each.gain(point) for each in every) >= LEAST_GAIN]
    best = min(able, key=lambda point: (rank(every, point), point), default=None)
    return best if best and rank(every, best)[0] <= 1 else key(present)


def leaders(everywhere, unit, code, count):
    """Points that lead on machines, to be timed on another one too."""
    found = []
    for _, finding in findings(everywhere, unit, code):
        ranked = sorted(finding["candidates"], key=lambda c: values.of_ratios(c["ratios"]))
        found += [c["point"] for c in ranked[:count]] + [finding["reference"]]
    return list({key(p): p for p in found}.values())


def told(every, point):
    """What the point gains on each machine, and where another one would gain much more: a reason for numbers of a family of
    CPUs alone."""
    return "; ".join(f"{each.machine}: mean {values.mean(each.ratios[point]):.3f}, worst case {max(each.ratios[point]):.3f}"
                     + apart(each, point) for each in every)


def apart(known_there, point):
    """Of the best point that the machine compared itself: words where it is much better there."""
    able = [other for other in known_there.repeats if not values.loses(known_there.ratios[other])]
    best = min(able, key=known_there.value, default=point)
    if known_there.value(best) * (1 + APART) > known_there.value(point):
        return ""
    return f" (its own best, {best}, has mean {values.mean(known_there.ratios[best]):.3f})"
