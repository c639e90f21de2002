"""Holds the pages to what they say: commands are run, code is compiled, and what they name is looked up.

usage: check_docs.py --source DIR --build DIR --archive FILE --include DIRS --cc CC --cxx CXX --cmake CMAKE [--page REGEX]

docs_blocks.py has the marks that a block may bear, docs_names.py what is looked up.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys

from docs_blocks import BadBlock, Blocks
from docs_names import Names
from docs_pages import pages_of


class Tools:
    """Where things are, in absolute paths."""

    path = staticmethod(pathlib.Path)

    def __init__(self, args):
        self.source, self.build = pathlib.Path(args.source).resolve(), pathlib.Path(args.build).resolve()
        self.archive, self.includes = args.archive, args.include.split(";")
        self.cc, self.cxx, self.cmake, self.python = args.cc, args.cxx, args.cmake, sys.executable
        self.ctest = str(pathlib.Path(args.cmake).parent / "ctest")
        self.kiln = self.build / "bin" / "kiln"
        self.python_path = [p for p in sys.path if p.endswith("-packages")]

    def environment(self):
        return {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("source", "build", "archive", "include", "cc", "cxx", "cmake"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--page", default="", metavar="REGEX", help="only pages whose path has this in it")
    return parser.parse_args()


def check_blocks(blocks, pages):
    for page in pages:
        for block in page.blocks:
            try:
                blocks.check(block)
            except (BadBlock, ValueError, subprocess.TimeoutExpired) as e:
                yield f"{page.name}:{block.line}: {e}"


def main():
    args = arguments()
    tools = Tools(args)
    pages = pages_of(tools.source)
    chosen = [p for p in pages if re.search(args.page, p.name)]
    blocks = Blocks(tools, pages)
    names = Names(tools, blocks.tests)
    faults = [f"{page.name}:{number}: {e}" for page in chosen for number, e in names.of_page(page, pages)]
    if not args.page:
        faults += [f"{path.relative_to(tools.source)}:{number}: {e}" for path, number, e in names.of_sources()]
    faults += check_blocks(blocks, chosen)
    blocks.close()
    count = sum(len(p.blocks) for p in chosen)
    if not count:
        sys.exit("check_docs: no block was checked")
    for fault in faults:
        print(fault)
    if faults:
        sys.exit(f"check_docs: {len(faults)} faults")
    print(f"{len(chosen)} pages, {count} blocks")


if __name__ == "__main__":
    main()
