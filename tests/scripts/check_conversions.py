"""Kernels of 16-bit types convert by no instruction that takes subnormals for zero, as x86's for bfloat16 do (VCVTNEPS2BF16 and
its kin). The source of OpenCL's has no type half, for which a device would need an extension.

usage: check_conversions.py OBJDUMP KERNEL.o...
"""
import pathlib
import re
import sys

from machine_code import instructions

FORBIDDEN = re.compile(r"vcvtne\w*bf16\w*|bfcvt\w*")
HALF = re.compile(rb"cl_khr_fp16|\bhalf\d*\b")


def main():
    objdump, *paths = sys.argv[1:]
    faults = []
    for path in paths:
        if HALF.search(pathlib.Path(path).read_bytes()):
            faults.append(f"{path}: half in OpenCL's source")
        names = set(instructions(objdump, path))
        faults += [f"{path}: {name}" for name in sorted(names) if FORBIDDEN.fullmatch(name)] if names else [f"{path}: no code"]
    print("\n".join(faults) or f"{len(paths)} kernels")
    sys.exit(1 if faults or not paths else 0)


if __name__ == "__main__":
    main()
