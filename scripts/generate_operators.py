#!/usr/bin/env python3
"""Checks the table of operators, operators.toml, and writes what the build takes from it into a folder. A file is
written only where its content changes, so that an edited row has only that compiled anew which depends on it.

    generate_operators.py --out BUILD/generated
    generate_operators.py --table      the operators as Markdown
"""
import argparse
import pathlib
import sys

if sys.version_info < (3, 11):
    sys.exit("generate_operators.py: Python 3.11 or later is needed, which reads TOML")

from operator_table import c_api, cpp_api, descriptors, kinds, lists, runtime_rows, table

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEADERS = {"include/kiln/kiln.h": c_api.declarations, "include/kiln/kiln.hpp": cpp_api.functions}
PLACE = "@KILN_OPERATORS@\n"


def files(operators):
    """What is written: a path in the folder, and its text."""
    for name, declare in HEADERS.items():
        head, tail = (ROOT / f"{name}.in").read_text().split(PLACE)
        yield name, head + declare(operators) + tail
    yield "kinds.h", kinds.header()
    yield "operators.h", runtime_rows.places(operators)
    yield "kernel_lists.inc", runtime_rows.kernel_lists(operators)
    yield "elementwise.inc", lists.elementwise(operators)
    yield "cpp_calls.inc", cpp_api.calls_by_name(operators)
    yield "descriptors.cpp", descriptors.source(operators)
    for op in operators:
        yield f"operators/{op.name}.cpp", runtime_rows.source(op)
    yield "operators.cmake", lists.cmake(operators)


def write(folder, operators):
    wanted = {folder / name: text for name, text in files(operators)}
    for path, text in wanted.items():
        if path.exists() and path.read_text() == text:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for path in (folder / "operators").glob("*.cpp"):  # of operators that are no longer
        if path not in wanted:
            path.unlink()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operators", type=pathlib.Path, default=ROOT / "operators.toml", help="the table")
    parser.add_argument("--stages", type=pathlib.Path, default=ROOT / "stages.def", help="the table of stages")
    parser.add_argument("--out", type=pathlib.Path, metavar="FOLDER", help="where the build's files are written")
    parser.add_argument("--table", action="store_true", help="print the operators as Markdown")
    args = parser.parse_args()
    try:
        operators = table.load(args.operators, table.stages_of(args.stages))
    except table.TableError as error:
        sys.exit(f"Kiln: {error}")
    if args.out:
        write(args.out, operators)
    if args.table:
        print(lists.markdown(operators))


if __name__ == "__main__":
    main()
