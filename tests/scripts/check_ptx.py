#!/usr/bin/env python3
"""Holds the PTX of the CUDA kernels to a table.

Always: no instruction that rounds otherwise than it was written (.ftz, .approx, arithmetic without .rn, mad), none of
floating-point types of 16 bits, no local memory, vectors of 4 where the form promises them, and the numbers of arithmetic
instructions that the table has: one that LLVM contracted, split or recomputed changes them. With --architecture and ptxas
installed: no spills, no stack, and no more registers than the table allows. A kernel without a row, or a row without a
kernel, fails by its name. --write makes the rows; registers of new kernels only where ptxas is installed.

usage: check_ptx.py --table FILE.json --kernels DIR [--architecture sm_80] [--write]
"""
import argparse
import json
import pathlib
import re
import shlex
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from bench import ptx  # noqa: E402

EXACT = {("add", ".rn"), ("sub", ".rn"), ("mul", ".rn"), ("fma", ".rn"), ("div", ".rn"), ("rcp", ".rn"), ("sqrt", ".rn")}


def wrong_in(text):
    """What may not be there."""
    wrong = [f"{name}{modifiers}.{kind}" for name, modifiers, kind in ptx.arithmetic(text) if (name, modifiers) not in EXACT]
    wrong += re.findall(r"\S*\.(?:ftz|approx|b?f16|b?f16x2)\b\S*", text)
    if re.search(r"\.local\b", text):
        wrong.append("local memory")
    return sorted(set(wrong))


def vectors(name, text):
    """Whether vectors of 4 are loaded and stored as one."""
    words = r"v4\.[bf]32|v2\.[bf]64" if "_float32_" in name else r"v4\.[bu]16|v2\.[bu]32|[bu]64"
    return all(re.search(rf"{access}\.({words})\s", text) for access in (r"ld\.global(\.nc)?", r"st\.global"))


def check_rows(found, table, args):
    """Each kernel has its row, and each row its kernel."""
    command = shlex.join(["python3", "-B", sys.argv[0], "--table", args.table, "--kernels", args.kernels, "--write"])
    return ([f"{name}: no row in {args.table}; run {command}" for name in found.keys() - table.keys()] +
            [f"{name}: in {args.table}, but not built; run {command}" for name in table.keys() - found.keys()])


def check_text(name, path, row):
    text = path.read_text(errors="replace")
    counts = ptx.counts(text)
    failures = wrong_in(text)
    if "_aligned_" in name and not vectors(name, text):
        failures.append("no loads and stores of 4 values")
    if row and counts != row["arithmetic"]:
        failures.append(f"expected {row['arithmetic']}, got {counts}")
    return failures


def check_registers(path, row, architecture):
    made = ptx.assemble(path, architecture)
    if isinstance(made, str) or made.bad:
        return [made] if isinstance(made, str) else made.bad
    if not row:
        return []
    if "registers" not in row:
        return ["its row has no registers; --write, where ptxas is installed, makes it whole"]
    return [f"{made.registers} registers, {row['registers']} allowed"] if made.registers > row["registers"] else []


def registers(file):
    """The most of the architectures, rounded up to 8 as the hardware does."""
    made = [(a, ptx.assemble(file, a)) for a in ptx.ARCHITECTURES if ptx.knows(a)]
    for architecture, assembled in made:
        if isinstance(assembled, str):
            sys.exit(f"ptx: {file.name}: {architecture}: {assembled}")
    return (max(assembled.registers for _, assembled in made) + 7) // 8 * 8 if made else None


def rewrite(found, path):
    """Where ptxas is missing, rows keep the registers that they have."""
    before = json.loads(path.read_text()) if path.exists() else {}
    table = {}
    for name, file in found.items():
        count = registers(file) or before.get(name, {}).get("registers")
        table[name] = {"registers": count} if count else {}
        table[name]["arithmetic"] = ptx.counts(file.read_text(errors="replace"))
    rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in sorted(table.items()))
    path.write_text("{\n" + rows + "\n}\n")


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
        return rewrite(found, pathlib.Path(args.table))
    if args.architecture and not ptx.knows(args.architecture):
        print(f"ptx: skipped: no ptxas that knows {args.architecture}")
        return
    table = json.loads(pathlib.Path(args.table).read_text())
    failures = sorted(check_rows(found, table, args))
    for name, path in found.items():
        row = table.get(name)
        wrong = check_registers(path, row, args.architecture) if args.architecture else check_text(name, path, row)
        failures += [f"{name}: {w}" for w in wrong]
    print("\n".join(failures) or f"ptx: {len(found)} kernels are as they must be")
    if failures:
        sys.exit(1)


if __name__ == "__main__":
    main()
