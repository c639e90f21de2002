"""The README says what a built tree and .venv take: neither takes more, nor less than half of it.

usage: check_tree_size.py SOURCE_DIR BUILD_DIR NINJA

Of the build it counts what Ninja makes, and not what tests and earlier builds have left.
"""
import os
import pathlib
import re
import stat
import subprocess
import sys


def megabytes(files):
    total = 0
    for file in files:
        try:
            found = os.lstat(file)
        except FileNotFoundError:
            continue
        total += found.st_size if stat.S_ISREG(found.st_mode) else 0
    return total / 1e6


def made_by(ninja, build):
    lines = subprocess.run([ninja, "-C", build, "-t", "targets", "all"], check=True, capture_output=True, text=True).stdout
    return {os.path.realpath(os.path.join(build, line.rpartition(": ")[0])) for line in lines.splitlines()}


def all_in(folder):
    return (os.path.join(place, name) for place, _, names in os.walk(folder) for name in names)


def main():
    source, build = map(pathlib.Path, sys.argv[1:3])
    readme = " ".join((source / "README.md").read_text().split())
    said = re.search(r"`build/release` takes (\d+) MB, `\.venv` (\d+) MB", readme)
    if not said:
        sys.exit("tree_size: README.md does not say what build/release and .venv take")
    sizes = {"build/release": megabytes(made_by(sys.argv[3], build))}
    if (source / ".venv").exists():
        sizes[".venv"] = megabytes(all_in((source / ".venv").resolve()))
    wrong = False
    for (name, size), most in zip(sizes.items(), map(int, said.groups())):
        print(f"{name} takes {size:.0f} MB; README.md says {most} MB")
        wrong |= not most / 2 <= size <= most
    return wrong


if __name__ == "__main__":
    sys.exit(main())
