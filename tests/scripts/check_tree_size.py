"""The README says what a built tree and .venv take: neither takes more, nor less than half of it.

usage: check_tree_size.py SOURCE_DIR BUILD_DIR FOLDER...

What lies in the FOLDERs of the build is of tests and tools that run, and is left out.
"""
import os
import pathlib
import re
import sys


def megabytes(folder, left_out=()):
    total = 0
    for place, folders, files in os.walk(folder):
        folders[:] = [f for f in folders if pathlib.Path(place, f) not in left_out]
        for name in files:
            try:
                total += os.lstat(os.path.join(place, name)).st_size
            except FileNotFoundError:  # of a test that runs
                pass
    return total / 1e6


def main():
    source, build = map(pathlib.Path, sys.argv[1:3])
    readme = " ".join((source / "README.md").read_text().split())
    said = re.search(r"`build/release` takes (\d+) MB, `\.venv` (\d+) MB", readme)
    if not said:
        sys.exit("tree_size: README.md does not say what build/release and .venv take")
    sizes = {"build/release": megabytes(build, {build / f for f in sys.argv[3:]})}
    if (source / ".venv").exists():
        sizes[".venv"] = megabytes((source / ".venv").resolve())
    wrong = False
    for (name, size), most in zip(sizes.items(), map(int, said.groups())):
        print(f"{name} takes {size:.0f} MB; README.md says {most} MB")
        wrong |= not most / 2 <= size <= most
    return wrong


if __name__ == "__main__":
    sys.exit(main())
