#!/usr/bin/env python3
"""Writes the README's table of operators from operators.toml; with --check, only says whether it is so."""
import argparse
import pathlib
import sys

from operator_table import lists, table

ROOT = pathlib.Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- operators: written by scripts/update_readme.py from operators.toml -->", "<!-- /operators -->"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    operators = table.load(ROOT / "operators.toml", table.stages_of(ROOT / "stages.def"))
    readme = ROOT / "README.md"
    text = readme.read_text()
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        sys.exit(f"README.md: expected the markers {BEGIN} and {END}, once each")
    head, rest = text.split(BEGIN)
    wanted = f"{head}{BEGIN}\n{lists.markdown(operators)}\n{END}{rest.split(END)[1]}"
    if args.check:
        if wanted != text:
            sys.exit("README.md: the table of operators is not that of operators.toml; run scripts/update_readme.py")
        print(f"README.md lists the {len(operators)} operators of operators.toml")
        return
    readme.write_text(wanted)


if __name__ == "__main__":
    main()
