"""What machines have found: the ratio of every candidate that mattered, in each case. Of each CPU a file in tune/machines/:

  {"cpu", "cpu_model", "cpus", "caches", "found": {target: {direction: {element type: {kernel or class: Finding}}}}}

A Finding is {"code": of the kernels that were timed (Builder.code), "reference": the point that the ratios are to, "present":
the schedule that the final comparison was against, "cases": their names, "candidates": [{"point", "rounds", "ratios": one a
case, and of those in the final comparison "final": {"ratios", "repeats": means}}]}."""
import json
import os
import pathlib
import re

from . import race, values
from .errors import TuneError
from .locks import key

FOLDER = pathlib.Path(__file__).resolve().parent / "machines"
FACTS = ("cpu", "cpu_model", "cpus", "caches")


def title(machine):
    """A virtual machine's CPU may be called like those of other generations, so that its numbers follow."""
    return f"{machine['cpu']} ({machine['cpu_model']})" if machine.get("cpu_model") else machine["cpu"]


def path_of(machine, folder=None):
    return (folder or FOLDER) / (re.sub(r"[^a-z0-9]+", "-", title(machine).lower()).strip("-") + ".json")


def read(path):
    try:
        found = json.loads(path.read_text())
        return {**{fact: found[fact] for fact in FACTS}, "found": found["found"]}
    except (ValueError, KeyError, TypeError) as e:
        raise TuneError(f"tune/machines/{path.name}: expected an object with {', '.join(FACTS)} and found: {e}") from e


def read_all(folder=None):
    return [read(path) for path in sorted((folder or FOLDER).glob("*.json"))]


def place_of(unit):
    return unit.kernel.target, unit.kernel.direction, unit.kernel.dtype, unit.name


def finding_of(machine, unit):
    """None where the machine knows nothing of the kernel."""
    found = machine["found"]
    for part in place_of(unit):
        found = found.get(part, {})
    return found or None


def with_finding(machine, known, unit, finding):
    """The machine's entry with a finding more; `known`: all machines."""
    kept = next((other["found"] for other in known if title(other) == title(machine)), {})
    mine = {**{fact: machine.get(fact) for fact in FACTS}, "found": json.loads(json.dumps(kept))}
    *parts, name = place_of(unit)
    found = mine["found"]
    for part in parts:
        found = found.setdefault(part, {})
    found[name] = finding
    return mine


def finding(code, study, present, finalists):
    """Of a study whose race is over: what came to the third rung, else to the last, what leads on other machines, and the
    `finalists` of a final comparison (final_comparison.py) against `present`."""
    rounds = study.rounds.all()
    rungs = race.rungs(len(rounds))
    enough = rungs[min(2, len(rungs) - 1)][1]
    leaders = {key(p) for p in (present, *study.wanted, *study.leaders(race.LAST))}
    of_final = {key(f["point"]): f for f in finalists}
    candidates = []
    for point, _ in study.ranking():
        name = key(point)
        if name not in rounds or not (name in leaders or name in of_final or len(rounds[name]) >= enough > race.FIRST):
            continue
        found = {"point": point, "rounds": len(rounds[name]), "ratios": rounded(values.medians(rounds[name]))}
        if name in of_final:
            found["final"] = {part: rounded(of_final[name][part]) for part in ("ratios", "repeats")}
        candidates.append(found)
    return {"code": code, "reference": study.reference, "present": present, "cases": [c["name"] for c in study.space.cases],
            "candidates": candidates}


def rounded(ratios):
    return [round(ratio, 3) for ratio in ratios]


def text(machine):
    """A case and a candidate a line."""
    facts = "".join(f" {json.dumps(fact)}: {json.dumps(machine[fact])},\n" for fact in FACTS)
    return "{\n" + facts + ' "found": ' + nested(machine["found"], 6) + "\n}\n"


def nested(value, levels, indent=" "):
    if not levels or not isinstance(value, (dict, list)) or not value:
        return json.dumps(value)
    inner = indent + " "
    if isinstance(value, list):
        return "[\n" + ",\n".join(inner + nested(v, levels - 1, inner) for v in value) + f"\n{indent}]"
    return "{\n" + ",\n".join(f"{inner}{json.dumps(k)}: {nested(v, levels - 1, inner)}" for k, v in value.items()) + f"\n{indent}}}"


def write(machine, folder=None):
    path = path_of(machine, folder)
    path.parent.mkdir(exist_ok=True)
    partial = path.with_suffix(".json.partial")
    partial.write_text(text(machine))
    os.replace(partial, path)
