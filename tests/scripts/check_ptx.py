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
import shutil
import subprocess
import sys

ARITHMETIC = re.compile(r"^\s*(?:@!?%p\d+ )?(add|sub|mul|fma|mad|div|rcp|sqrt|rsqrt|ex2|lg2|sin|cos|tanh|min|max)"
                        r"((?:\.\w+)*)\.(f32|f64|f32x2)\s", re.MULTILINE)
EXACT = {("add", ".rn"), ("sub", ".rn"), ("mul", ".rn"), ("fma", ".rn"), ("div", ".rn"), ("rcp", ".rn"), ("sqrt", ".rn")}
SUFFIX = "_cuda_sm80.device_code"
PREFIX = "kiln_kernel_"


def count(text):
    """Numbers of arithmetic instructions by name and type; what may not be there, as messages."""
    counts, wrong = {}, []
    for name, modifiers, kind in ARITHMETIC.findall(text):
        if (name, modifiers) not in EXACT:
            wrong.append(f"{name}{modifiers}.{kind}")
        counts[f"{name}.{kind}"] = counts.get(f"{name}.{kind}", 0) + 1
    wrong += re.findall(r"\S*\.(?:ftz|approx)\S*", text)
    if re.search(r"\.local\b", text):
        wrong.append("local memory")
    return dict(sorted(counts.items())), sorted(set(wrong))


def vectors(text):
    loads = re.search(r"ld\.global(\.nc)?\.v(4\.[bf]32|2\.[bf]64)", text)
    return bool(loads and re.search(r"st\.global\.v(4\.[bf]32|2\.[bf]64)", text))


def assemble(path, architecture):
    """Registers of the largest kernel in the file; None, and why, where it does not assemble or spills."""
    done = subprocess.run(["ptxas", f"-arch={architecture}", "-v", str(path), "-o", "/dev/null"], capture_output=True,
                          text=True)
    if done.returncode != 0:
        return None, done.stderr.strip()
    bad = re.findall(r"[1-9]\d* bytes (?:stack frame|spill stores|spill loads)", done.stderr)
    registers = [int(n) for n in re.findall(r"Used (\d+) registers", done.stderr)]
    return (None, "; ".join(bad)) if bad else (max(registers), "")


def knows(architecture):
    listing = subprocess.run(["ptxas", "--help"], capture_output=True, text=True).stdout
    return f"'{architecture}'" in listing


def check_text(found, table):
    failures = []
    for name, path in found.items():
        text = path.read_text(errors="replace")
        counts, wrong = count(text)
        failures += [f"{name}: {w}" for w in wrong]
        if "_aligned_" in name and not vectors(text):
            failures.append(f"{name}: no 128-bit load and store")
        expected = table.get(name, {}).get("arithmetic", counts)
        if counts != expected:
            failures.append(f"{name}: expected {expected}, got {counts}")
    return failures + [f"{name}: in the table, but not built" for name in table.keys() - found.keys()]


def check_registers(found, table, architecture):
    failures = []
    for name, path in found.items():
        registers, why = assemble(path, architecture)
        allowed = table.get(name, {}).get("registers", 255)
        if registers is None:
            failures.append(f"{name}: {why}")
        elif registers > allowed:
            failures.append(f"{name}: {registers} registers, {allowed} allowed")
    return failures


def rewrite(found, path):
    """Registers are the most of three architectures, rounded up to 8 as the hardware does."""
    table = {}
    for name, ptx in found.items():
        registers = [assemble(ptx, a)[0] for a in ("sm_80", "sm_90", "sm_100") if knows(a)]
        table[name] = {"registers": (max(registers) + 7) // 8 * 8, "arithmetic": count(ptx.read_text(errors="replace"))[0]}
    rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in sorted(table.items()))
    pathlib.Path(path).write_text("{\n" + rows + "\n}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--table", required=True)
    parser.add_argument("--kernels", required=True)
    parser.add_argument("--architecture")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()

    found = {p.name[len(PREFIX):-len(SUFFIX)]: p for p in sorted(pathlib.Path(args.kernels).glob(f"{PREFIX}*{SUFFIX}"))}
    if not found:
        sys.exit(f"ptx: {args.kernels} has no PTX")
    if args.write:
        return rewrite(found, args.table)
    if args.architecture and not (shutil.which("ptxas") and knows(args.architecture)):
        print(f"ptx: skipped: no ptxas that knows {args.architecture}")
        return
    table = json.loads(pathlib.Path(args.table).read_text())
    failures = check_registers(found, table, args.architecture) if args.architecture else check_text(found, table)
    print("\n".join(failures) or f"ptx: {len(found)} kernels are as they must be, {len(found.keys() & table.keys())} by the table")
    if failures:
        sys.exit(1)


if __name__ == "__main__":
    main()
