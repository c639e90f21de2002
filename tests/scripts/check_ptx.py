#!/usr/bin/env python3
"""Holds the PTX of the CUDA kernels to a table.

Always: no instruction that rounds otherwise than it was written (.ftz, .approx, arithmetic without .rn, mad), no local
memory, vectors of 4 where the form promises them, and the numbers of arithmetic instructions that the table has: one that
LLVM contracted, split or recomputed changes them. With --architecture and ptxas installed: no spills, no stack, and no
more registers than the table allows. A kernel without a row, that of a new operator, is held to the rest; --write makes
the rows.

usage: check_ptx.py --table FILE.json --kernels DIR [--architecture sm_80] [--write]
"""
import argparse
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from bench import ptx  # noqa: E402

EXACT = {("add", ".rn"), ("sub", ".rn"), ("mul", ".rn"), ("fma", ".rn"), ("div", ".rn"), ("rcp", ".rn"), ("sqrt", ".rn")}


def wrong_in(text):
    """What may not be there."""
    wrong = [f"{name}{modifiers}.{kind}" for name, modifiers, kind in ptx.arithmetic(text) if (name, modifiers) not in EXACT]
    wrong += re.findall(r"\S*\.(?:ftz|approx)\S*", text)
    if re.search(r"\.local\b", text):
        wrong.append("local memory")
    return sorted(set(wrong))


def vectors(text):
    loads = re.search(r"ld\.global(\.nc)?\.v(4\.[bf]32|2\.[bf]64)", text)
    return bool(loads and re.search(r"st\.global\.v(4\.[bf]32|2\.[bf]64)", text))


def check_text(found, table):
    failures = []
    for name, path in found.items():
        text = path.read_text(errors="replace")
        counts = ptx.counts(text)
        failures += [f"{name}: {w}" for w in wrong_in(text)]
        if "_aligned_" in name and not vectors(text):
            failures.append(f"{name}: no 128-bit load and store")
        expected = table.get(name, {}).get("arithmetic", counts)
        if counts != expected:
            failures.append(f"{name}: expected {expected}, got {counts}")
    return failures + [f"{name}: in the table, but not built" for name in table.keys() - found.keys()]


def check_registers(found, table, architecture):
    failures = []
    for name, path in found.items():
        made = ptx.assemble(path, architecture)
        allowed = table.get(name, {}).get("registers", 255)
        if isinstance(made, str) or made.bad:
            failures.append(f"{name}: {made if isinstance(made, str) else '; '.join(made.bad)}")
        elif made.registers > allowed:
            failures.append(f"{name}: {made.registers} registers, {allowed} allowed")
    return failures


def rewrite(found, path):
    """Registers are the most of three architectures, rounded up to 8 as the hardware does."""
    table = {}
    for name, file in found.items():
        registers = [ptx.assemble(file, a).registers for a in ptx.ARCHITECTURES if ptx.knows(a)]
        table[name] = {"registers": (max(registers) + 7) // 8 * 8, "arithmetic": ptx.counts(file.read_text(errors="replace"))}
    rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in sorted(table.items()))
    pathlib.Path(path).write_text("{\n" + rows + "\n}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--table", required=True)
    parser.add_argument("--kernels", required=True)
    parser.add_argument("--architecture")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()

    found = ptx.kernels(args.kernels)
    if not found:
        sys.exit(f"ptx: {args.kernels} has no PTX")
    if args.write:
        return rewrite(found, args.table)
    if args.architecture and not ptx.knows(args.architecture):
        print(f"ptx: skipped: no ptxas that knows {args.architecture}")
        return
    table = json.loads(pathlib.Path(args.table).read_text())
    failures = check_registers(found, table, args.architecture) if args.architecture else check_text(found, table)
    print("\n".join(failures) or f"ptx: {len(found)} kernels are as they must be, {len(found.keys() & table.keys())} by the table")
    if failures:
        sys.exit(1)


if __name__ == "__main__":
    main()
