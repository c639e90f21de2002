"""What machines have found of a kernel becomes what schedules/<target>.json says of it."""
import json

from . import choice, families, kernels, schedule_file, values
from .families import GENERAL
from .locks import key


def settle(unit, found, dry_run):
    """Writes the choice of all machines, and variants; `found`: [(machine, its finding)]. Returns what there is to say of it."""
    file = schedule_file.read(unit.kernel.target)
    present = unit.present(file, GENERAL)
    every = [choice.known(machine, finding, present, unit.present(file, families.of(machine))) for machine, finding in found]
    picked = choice.choose(every, present)
    wanted = choice.variants(every, picked, present)
    said = [of_general(unit, file, every, present, picked, wanted, dry_run)]
    for family in sorted({each.family for each in every} - {GENERAL}):
        mine = [each for each in every if each.family == family]
        said += of_family(unit, file, family, mine, picked, wanted.get(family), dry_run)
    if not dry_run and file != schedule_file.read(unit.kernel.target):
        schedule_file.write(unit.kernel.target, file)
    return "; ".join(said)


def of_general(unit, file, every, present, picked, wanted, dry_run):
    """Of the numbers for all CPUs; machines that have a variant say nothing of them."""
    said = choice.told([each for each in every if each.family not in wanted], picked)
    if picked == key(present):
        return f"{unit.name}: the present schedule stays" + f"; {said}" * bool(said and len(every) > 1)
    numbers = unit.space.entry_of(json.loads(picked))
    put(unit, file, unit.updated(file, {**numbers, "tuned": tuned(every, picked)}))
    return f"{unit.name}: {takes(dry_run)} {numbers}" + f"; {said}" * bool(said)


def of_family(unit, file, family, mine, general, picked, dry_run):
    """[what there is to say] of a family's variant, `picked`; None where it takes the numbers for all, `general`."""
    there = kernels.variants_of(unit.serving(file)).get(family)
    if not picked:
        if there:
            put(unit, file, unit.with_variant(file, family, None))
        return [f"{family} {takes(dry_run)} the numbers for all"] if there else []
    over = [each.against(general) or each for each in mine]
    said = choice.told(over, picked)
    if there and key(unit.space.point_of(there)) == picked:
        return [f"{family} keeps its variant, times of the numbers for all: {said}"]
    numbers = unit.space.entry_of(json.loads(picked))
    put(unit, file, unit.with_variant(file, family, {**numbers, "tuned": tuned(over, picked)}))
    return [f"{family} {takes(dry_run)} {numbers}, times of the numbers for all: {said}"]


def put(unit, file, entry):
    kernels.entries_of(file, unit.kernel)[unit.kernel.key] = entry


def tuned(every, point):
    """Where the numbers come from, and what they gain at least."""
    least = min(1 - values.mean(each.ratios[point]) for each in every)
    return {"machine": ", ".join(each.machine for each in every), "gain": round(least, 3)}


def takes(dry_run):
    return "would take" if dry_run else "takes"
