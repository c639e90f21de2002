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

from operator_table import (
    c_api, cpp_api, descriptors, exports, jax_functions, jax_rows, kinds, lists, onnx_rows, python_modules,
    python_rows, runtime_rows, table, torch_api, torch_functional)

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEADERS = {"include/kiln/kiln.h": c_api.declarations, "include/kiln/operators.hpp": cpp_api.functions}
PLACE = "@KILN_OPERATORS@\n"


def files(table, operators):
    """What is written for these operators of the table: a path in the folder, and its text."""
    for name, declare in HEADERS.items():
        head, tail = (ROOT / f"{name}.in").read_text().split(PLACE)
        text = head + declare(operators) + tail
        yield name, text
        if name.endswith("kiln.h"):
            yield "exports.txt", exports.listing(text)
            yield "exports.map", exports.version_script(text)
    yield "kinds.h", kinds.header()
    yield "operators.h", runtime_rows.places(table)  # the plans of all operators are compiled
    yield "kernel_lists.inc", runtime_rows.kernel_lists(operators)
    yield "elementwise.inc", lists.elementwise(operators)
    yield "cpp_calls.inc", cpp_api.calls_by_name(operators)
    yield "onnx_operators.inc", onnx_rows.rows(operators)
    yield "descriptors.cpp", descriptors.source(operators)
    for op in operators:
        yield f"operators/{op.name}.cpp", runtime_rows.source(op)
        yield from ((f"links/{op.name}_{dtype}.cpp", runtime_rows.link(op, dtype)) for dtype in op.linked_dtypes)
    yield "python/operators.cpp", python_rows.source(operators)
    for name, backward in (("_operators", False), ("backward", True)):
        yield f"python/kiln/{name}.py", python_modules.module(operators, backward)
        yield f"python/kiln/{name}.pyi", python_modules.stub(operators, backward)
    yield "python/jax/handlers.cpp", jax_rows.source(operators)
    yield "python/kiln/jax/_table.py", jax_rows.table(operators)
    yield "python/kiln/jax/_functions.py", jax_functions.module(operators)
    yield "operators.cmake", lists.cmake(operators)
    yield "torch/operators.inc", torch_api.source(operators)
    yield "torch/_table.py", torch_api.rows(operators)
    yield "torch/functional.py", torch_functional.module(operators)


def write(folder, table, operators):
    wanted = {folder / name: text for name, text in files(table, operators)}
    for path, text in wanted.items():
        if path.exists() and path.read_text() == text:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for path in (*(folder / "operators").glob("*.cpp"), *(folder / "links").glob("*.cpp")):  # of operators that are no longer
        if path not in wanted:
            path.unlink()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operators", type=pathlib.Path, default=ROOT / "operators.toml", help="the table")
    parser.add_argument("--stages", type=pathlib.Path, default=ROOT / "stages.def", help="the table of stages")
    parser.add_argument("--out", type=pathlib.Path, metavar="FOLDER", help="where the build's files are written")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="of these operators alone")
    parser.add_argument("--table", action="store_true", help="print the operators as Markdown")
    args = parser.parse_args()
    try:
        all_operators = table.load(args.operators, table.stages_of(args.stages))
        operators = table.chosen(all_operators, args.only)
    except table.TableError as error:
        sys.exit(f"Kiln: {error}")
    if args.out:
        write(args.out, all_operators, operators)
    if args.table:
        print(lists.markdown(operators))


if __name__ == "__main__":
    main()
