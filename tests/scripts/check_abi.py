"""What kiln.h declares is what this minor version declares: tests/abi/declarations.txt, whose first line is the version.

usage: check_abi.py HEADER FILE           fails where they differ
       check_abi.py --write HEADER FILE   writes FILE, for a new minor version or before the release of this one
"""
import difflib
import pathlib
import re
import sys


def declarations(header):
    """The version, MAJOR.MINOR, and the declarations, one a line, without comments and what the compiler alone sees."""
    major, minor = (re.search(rf"^#define KILN_VERSION_{part} (\d+)", header, re.M)[1] for part in ("MAJOR", "MINOR"))
    constants = re.findall(r"^#define (KILN_(?!VERSION)\w+ .*)$", re.sub(r"/\*.*?\*/", "", header, flags=re.S), re.M)
    code = re.sub(r"/\*.*?\*/|^\s*#.*?$", "", header, flags=re.S | re.M).replace('extern "C" {', "")
    statements, open_braces, text = [], 0, ""
    for c in code:
        open_braces += (c == "{") - (c == "}")
        text += c
        if c == ";" and open_braces == 0:
            statements.append(" ".join(text.split()))
            text = ""
    return f"{major}.{minor}", [" ".join(c.split()) for c in constants] + statements


def main():
    arguments = [a for a in sys.argv[1:] if a != "--write"]
    header, file = map(pathlib.Path, arguments)
    version, now = declarations(header.read_text())
    lines = [f"kiln.h of version {version}", *now]
    if "--write" in sys.argv:
        file.write_text("\n".join(lines) + "\n")
        return
    then = file.read_text().splitlines()
    if then == lines:
        return
    print("\n".join(difflib.unified_diff(then, lines, str(file), str(header), lineterm="", n=0)))
    sys.exit(f"abi: {header} declares other things than {file}. Within a minor version nothing changes "
             "(docs/promises/versions.md). For a new one, or before the release of this one: "
             f"python3 tests/scripts/check_abi.py --write {header} {file}")


if __name__ == "__main__":
    main()
