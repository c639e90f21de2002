#!/usr/bin/env python3
"""Gives every global symbol that an archive defines, but is not Kiln's, the prefix kiln_.

Halide's runtime symbols are weak: two Halide-made libraries in one program would share them silently, and one library's
error handler and thread pool become the other's. Under names of our own they cannot meet. Kiln's C++ internals get the
prefix too, so that `nm` shows nothing global but kiln_*.

usage: localize.py --nm NM --objcopy OBJCOPY INPUT.a OUTPUT.a
"""
import argparse
import os
import subprocess
import sys


def defined_globals(nm, archive):
    """Names of the global symbols that some member of the archive defines, weak ones included."""
    listing = subprocess.run([nm, "-g", "--defined-only", "-P", archive], check=True, capture_output=True, text=True)
    # -P prints "name type value size" a symbol, and "archive[member]:" before each member's.
    rows = (line.split() for line in listing.stdout.splitlines())
    return {row[0] for row in rows if len(row) >= 2 and not row[0].endswith("]:")}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nm", required=True)
    parser.add_argument("--objcopy", required=True)
    parser.add_argument("input")
    parser.add_argument("output")
    args = parser.parse_args()

    foreign = sorted(s for s in defined_globals(args.nm, args.input) if not s.startswith("kiln_"))
    renames = args.output + ".renames"
    with open(renames, "w") as out:
        out.writelines(f"{s} kiln_{s}\n" for s in foreign)
    partial = args.output + ".partial"
    subprocess.run([args.objcopy, f"--redefine-syms={renames}", args.input, partial], check=True)
    left = [s for s in defined_globals(args.nm, partial) if not s.startswith("kiln_")]
    if left:
        sys.exit(f"localize.py: these symbols kept their names: {' '.join(sorted(left))}")
    os.replace(partial, args.output)


if __name__ == "__main__":
    main()
