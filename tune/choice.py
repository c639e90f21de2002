"""Which numbers schedules/<target>.json takes: those whose worst ratio, over all machines that are known, is the best, and
variants for CPU families that want others."""
import dataclasses
import json

from . import machines, values
from .families import GENERAL, of
from .locks import key

LEAST_GAIN = 0.02  # of time, on one machine at least, in each repeat of its final comparison
WANTED = 0.03  # share by which a family's own choice has to be better than the choice for all, to be a variant
APART = 0.05  # share by which a machine's own best is better than the choice, to be told
ALIKE = 2  # digits of a value that count: what differs in more is noise


@dataclasses.dataclass
class Known:
    """A machine's candidates, as ratios to one schedule in each case."""
    machine: str
    ratios: dict  # {key of a point: [ratio a case]}
    repeats: dict  # {key of a point: means of the repeats of a final comparison against `own`}
    family: str = GENERAL
    own: str = None  # key of the numbers that serve its family now

    def value(self, point):
        return values.of_ratios(self.ratios[point])

    def gain(self, point):
        """Of time, in the worst repeat of that comparison."""
        return 1 - max(self.repeats[point]) if point in self.repeats else 0

    def against(self, point):
        """The same as ratios to another schedule; None where the machine does not know it."""
        if point not in self.ratios:
            return None
        base = self.ratios[point]
        return dataclasses.replace(self, ratios={p: [a / b for a, b in zip(found, base)] for p, found in self.ratios.items()})


def known(machine, finding, present, own=None):
    """As ratios to the `present` numbers for all CPUs, or to the machine's own reference where it does not know them. `own`:
    what serves its family, where that is a variant."""
    own = key(own or present)
    reference = [1.0] * len(finding["cases"])
    ratios_of = {**{key(c["point"]): c["ratios"] for c in finding["candidates"]}, key(finding["reference"]): reference}
    base = ratios_of.get(key(present), reference)
    ratios = {point: [a / b for a, b in zip(found, base)] for point, found in ratios_of.items()}
    final = {key(c["point"]): c["final"] for c in finding["candidates"] if "final" in c and key(finding["present"]) == own}
    against = reference if own == key(present) else ratios.get(own)
    if against:
        ratios.update((point, [a * b for a, b in zip(found["ratios"], against)]) for point, found in final.items())
    return Known(machines.title(machine), ratios, {point: found["repeats"] for point, found in final.items()}, of(machine), own)


def findings(everywhere, unit, code):
    """[(machine, its finding)] about the kernels as they are now; `code`: Builder.code."""
    found = [(machine, machines.finding_of(machine, unit)) for machine in everywhere]
    return [(machine, finding) for machine, finding in found if finding and finding["code"] == code]


def rank(every, point):
    """The worst value, then the mean one, where it is alike."""
    found = [each.value(point) for each in every]
    return round(max(found), ALIKE), values.mean(found)


def choose(every, present):
    """The key of the point for all machines, which lie in `every` as Known; that of the present schedule where none is better.
    A candidate has to be known to each machine, to lose in no case of any, and to gain on one that the present schedule
    serves."""
    shared = set.intersection(*(set(each.ratios) for each in every)) if every else set()
    able = [point for point in shared
            if not any(values.loses(each.ratios[point]) for each in every)
            and max((each.gain(point) for each in every if each.own == key(present)), default=0) >= LEAST_GAIN]
    best = min(able, key=lambda point: (rank(every, point), point), default=None)
    return best if best and rank(every, best)[0] <= 1 else key(present)


def variants(every, general, present):
    """{family: key of its own choice}, of CPU families whose machines all gain WANTED by it over `general`, the key of the choice
    for all, and lose in no case. A family that is the only one that is known wants none, as its choice is the one for all; a
    variant that is there is held to the same gain. `present`: the numbers for all now."""
    found = {}
    for family in sorted({each.family for each in every} - {GENERAL}):
        mine = [each for each in every if each.family == family]
        picked, has_one = choice_of_family(mine), mine[0].own != key(present)
        if wants(mine, picked, general, has_one):
            found[family] = picked
    return found


def choice_of_family(mine):
    """The key of the choice of a family's machines, which its present numbers serve."""
    own = mine[0].own
    against_own = [each.against(own) for each in mine]
    return choose(against_own, json.loads(own)) if all(against_own) else own


def wants(mine, picked, general, unknown):
    """Whether a family's machines want its own choice; `unknown` where one of them does not know the choice for all."""
    over = [each.against(general) for each in mine]
    if not all(each and picked in each.ratios for each in over):
        return unknown
    return max(each.value(picked) for each in over) * (1 + WANTED) <= 1 and not any(values.loses(each.ratios[picked]) for each in over)


def leaders(everywhere, unit, code, count):
    """Points that lead on machines, to be timed on another one too."""
    found = []
    for _, finding in findings(everywhere, unit, code):
        ranked = sorted(finding["candidates"], key=lambda c: values.of_ratios(c["ratios"]))
        found += [c["point"] for c in ranked[:count]] + [finding["reference"]]
    return list({key(p): p for p in found}.values())


def told(every, point):
    """What the point gains on each machine, and where another one would gain much more."""
    return "; ".join(f"{each.machine}: mean {values.mean(each.ratios[point]):.3f}, worst case {max(each.ratios[point]):.3f}"
                     + apart(each, point) for each in every if point in each.ratios)


def apart(known_there, point):
    """Of the best point that the machine compared itself: words where it is much better there."""
    able = [other for other in known_there.repeats if not values.loses(known_there.ratios[other])]
    best = min(able, key=known_there.value, default=point)
    if known_there.value(best) * (1 + APART) > known_there.value(point):
        return ""
    return f" (its own best, {best}, has mean {values.mean(known_there.ratios[best]):.3f})"
