"""CPU families, as families.def has them: those that schedules may have variants for."""
import pathlib
import re

TABLE = pathlib.Path(__file__).resolve().parent.parent / "families.def"

GENERAL = "general"  # of a CPU that no row names, and of numbers that are for every CPU
VARIABLE = "KILN_CPU_FAMILY"  # of the environment: a process takes the kernels of the family that it names


def named(cpu_model):
    """The family of a CPU by its vendor, family and model: "AuthenticAMD 25 17"."""
    found = re.fullmatch(r"(\w+) (\d+) (\d+)", cpu_model)
    if not found:
        return GENERAL
    row = rf'^KILN_FAMILY\((\w+), \w+, "{found[1]}", {found[2]}, "([^"]*)"\)$'
    rows = re.findall(row, TABLE.read_text(), re.MULTILINE)
    return next((name for name, models in rows if holds(models, int(found[3]))), GENERAL)


def holds(models, model):
    """Whether it lies in one of the ranges: "10-1f 60 a0-af"."""
    ends = [[int(end, 16) for end in part.split("-")] for part in models.split()]
    return any(each[0] <= model <= each[-1] for each in ends)


def of(machine):
    return named(machine.get("cpu_model") or "")
