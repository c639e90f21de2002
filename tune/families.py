"""CPU families, as families.def has them: those that schedules may have variants for."""
from bench import microarchitecture

GENERAL = "general"  # of a CPU that no row gives a family, and of numbers that are for every CPU
VARIABLE = "KILN_CPU_FAMILY"  # of the environment: a process takes the kernels of the family that it names


def of(machine):
    row = microarchitecture.row_of(machine.get("cpu_model") or "")
    return row.family if row else GENERAL
