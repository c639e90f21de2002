#!/usr/bin/env python3
"""Derives the constant tables of generators/math and prints each as its header.

    derive_constants.py            list the polynomials with their error bounds
    derive_constants.py TABLE      print generators/math/TABLE_constants.h
    derive_constants.py --check    compare the headers in the tree with their derivation
    derive_constants.py --write    bring the headers in the tree up to date

constant_tables/ has the functions that are fitted with the weights of their
errors (tables.py), and how (fit.py).

Needs the packages of scripts/derive_requirements.txt, which the build does not:

    python3 -m venv /tmp/derive
    /tmp/derive/bin/pip install -r scripts/derive_requirements.txt
    /tmp/derive/bin/python scripts/derive_constants.py --check
"""
import argparse
import pathlib
import sys

try:
    from constant_tables.tables import TABLES
    from constant_tables.text import header
except ModuleNotFoundError as missing:
    needs = pathlib.Path(__file__).resolve().parent / "derive_requirements.txt"
    sys.exit(f"derive_constants.py: no module {missing.name}; pip install -r {needs} brings what it needs")

TREE = pathlib.Path(__file__).resolve().parent.parent / "generators" / "math"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", nargs="?", choices=TABLES)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    wrong = 0
    for name, derive in TABLES.items():
        if options.table not in (None, name):
            continue
        parts = derive()
        path = TREE / f"{name}_constants.h"
        if options.write:
            path.write_text(header(parts))
        elif options.check:
            same = path.exists() and path.read_text() == header(parts)
            wrong += not same
            print(f"{path}: {'as derived' if same else 'NOT as derived'}")
        elif options.table:
            print(header(parts), end="")
        else:
            print(f"{name}:")
            for part in parts:
                if part.strip().startswith("//"):
                    print("   ", part.strip().lstrip("/ "))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
