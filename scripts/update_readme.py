#!/usr/bin/env python3
"""Writes the README's table of operators from include/kiln/operators.def; with --check, only says whether it is so."""
import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- operators: written by scripts/update_readme.py from include/kiln/operators.def -->", "<!-- /operators -->"
ROW = re.compile(r'^KILN_(POINTWISE|NORMALIZATION)\((\w+), "([^"]*)", "([^"]*)"\)$', re.MULTILINE)


def table(rows):
    lines = ["| operator | variants | formula |", "|---|---|---|"]
    for family, name, second, formula in rows:
        variants = second.replace(" ", ", ") if family == "POINTWISE" else "exact"
        lines.append(f"| `{name}` | {variants} | `{formula}` |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    rows = ROW.findall((ROOT / "include/kiln/operators.def").read_text())
    readme = ROOT / "README.md"
    text = readme.read_text()
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    wanted = f"{head}{BEGIN}\n{table(rows)}\n{END}{tail}"
    if args.check:
        if wanted != text:
            sys.exit("README.md: the table of operators is not that of operators.def; run scripts/update_readme.py")
        print(f"README.md lists the {len(rows)} operators of operators.def")
        return
    readme.write_text(wanted)


if __name__ == "__main__":
    main()
