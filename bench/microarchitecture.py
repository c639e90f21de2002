"""The CPU's microarchitecture, by what /proc/cpuinfo says of its family and model: a virtual machine may give every generation
one name. families.def has those of x86-64."""
import dataclasses
import functools
import pathlib
import re

TABLE = pathlib.Path(__file__).resolve().parent.parent / "families.def"
ARM = {"0xd07": "Cortex-A57", "0xd08": "Cortex-A72", "0xd0b": "Cortex-A76", "0xd0c": "Neoverse N1", "0xd40": "Neoverse V1",
       "0xd49": "Neoverse N2", "0xd4f": "Neoverse V2"}


@dataclasses.dataclass
class Row:
    """Of families.def."""
    family: str
    architecture: str
    microarchitecture: str
    vendor: str
    number: int
    models: list  # [(first, last)]


def models_of(text):
    """Of "10-1f 60": [(0x10, 0x1f), (0x60, 0x60)]."""
    ends = [[int(end, 16) for end in part.split("-")] for part in text.split()]
    return [(each[0], each[-1]) for each in ends]


@functools.cache
def rows():
    pattern = r'^KILN_CPU\((\w+), (\w+), "([^"]*)", "([^"]*)", (\d+), "([^"]*)"\)$'
    found = re.findall(pattern, TABLE.read_text(), re.MULTILINE)
    return [Row(*words, int(number), models_of(models)) for *words, number, models in found]


def row_of(cpu_model):
    """That of a CPU by its vendor, family and model, "AuthenticAMD 25 17"; None where there is none."""
    found = re.fullmatch(r"(\w+) (\d+) (\d+)", cpu_model)
    if not found:
        return None
    same = [row for row in rows() if (row.vendor, row.number) == (found[1], int(found[2]))]
    return next((row for row in same if any(first <= int(found[3]) <= last for first, last in row.models)), None)


def of(machine):
    """"" where it is not known."""
    row = row_of(machine.get("cpu_model", ""))
    if row:
        return row.microarchitecture
    implementer, _, part = machine["cpu"].partition(", part ")
    return ARM.get(part, "") if implementer == "implementer 0x41" else ""


def named(machine):
    """For people: name, family and model as far as they are known."""
    known = machine.get("microarchitecture", "")
    return ", ".join(filter(None, [known, machine["cpu"], machine.get("cpu_model", "")]))


def file_name(machine):
    """For a file of this machine's results."""
    words = machine.get("microarchitecture") or named(machine)
    return "".join(c if c.isalnum() else "-" for c in words.lower().replace(" ", "")).strip("-")
