"""Kernels that stream have streaming stores, and a fence before each return.

usage: check_streamed_kernels.py OBJDUMP KERNEL.o...
"""
import sys

from machine_code import instructions


def main():
    objdump, *paths = sys.argv[1:]
    faults = []
    for path in paths:
        code = instructions(objdump, path)
        if not any(name.startswith(("movnt", "vmovnt")) for name in code):
            faults.append(f"{path}: no streaming store")
        returns = [i for i, name in enumerate(code) if name.startswith("ret")]
        if not returns or any(code[i - 1] != "sfence" for i in returns):
            faults.append(f"{path}: a return without a fence")
    print("\n".join(faults) or f"{len(paths)} kernels stream")
    sys.exit(1 if faults or not paths else 0)


if __name__ == "__main__":
    main()
