#!/usr/bin/env python3
"""Seals an archive: every global symbol that it defines begins with kiln_, and is hidden unless kiln.h declares it.

Halide gives what it makes, kernels among it, default visibility and names of its own, so that two Halide-made libraries
in one process would bind into each other. Sealed, a symbol is one of these:

  of kiln.h   protected: a shared library made of the archive exports it, and its own calls of it stay inside
  all others  hidden: no shared library exports them

Members stay apart, so that an app still links those alone that it calls.

usage: seal_archive.py --nm NM --objcopy OBJCOPY --exports FILE INPUT.a OUTPUT.a
"""
import argparse
import os
import pathlib
import struct
import subprocess
import sys

HIDDEN, PROTECTED = 2, 3  # ELF's st_other
SHT_SYMTAB, SHN_UNDEF, STB_LOCAL = 2, 0, 0


def defined_globals(nm, archive):
    """Names of the global symbols that some member of the archive defines, weak ones included."""
    listing = subprocess.run([nm, "-g", "--defined-only", "-P", archive], check=True, capture_output=True, text=True)
    # -P prints "name type value size" a symbol, and "archive[member]:" before each member's.
    rows = (line.split() for line in listing.stdout.splitlines())
    return {row[0] for row in rows if len(row) >= 2 and not row[0].endswith("]:")}


def members(archive):
    """Where each object file of an archive begins."""
    if archive[:8] != b"!<arch>\n":
        sys.exit("seal_archive.py: the input is no archive")
    at = 8
    while at + 60 <= len(archive):
        size = int(archive[at + 48:at + 58])
        if archive[at + 60:at + 64] == b"\x7fELF":
            yield at + 60
        at += 60 + size + size % 2


def set_visibility(archive, begin, exports):
    """Sets the visibility of an object's global symbols in place."""
    if archive[begin + 4:begin + 6] != b"\x02\x01":
        sys.exit("seal_archive.py: expected ELF of 64 bits, little-endian")
    table, = struct.unpack_from("<Q", archive, begin + 40)
    size, count = struct.unpack_from("<HH", archive, begin + 58)
    sections = [struct.unpack_from("<IIQQQQII", archive, begin + table + i * size) for i in range(count)]
    for _, kind, _, _, offset, length, strings, _ in sections:
        if kind != SHT_SYMTAB:
            continue
        names = begin + sections[strings][4]
        for at in range(begin + offset, begin + offset + length, 24):
            name, info, other, section = struct.unpack_from("<IBBH", archive, at)
            if info >> 4 == STB_LOCAL or section == SHN_UNDEF:
                continue
            text = bytes(archive[names + name:archive.index(b"\0", names + name)]).decode()
            archive[at + 5] = other & ~3 | (PROTECTED if text in exports else HIDDEN)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nm", required=True)
    parser.add_argument("--objcopy", required=True)
    parser.add_argument("--exports", required=True, type=pathlib.Path, help="kiln.h's functions, one a line")
    parser.add_argument("input")
    parser.add_argument("output")
    args = parser.parse_args()

    exports = set(args.exports.read_text().split())
    defined = defined_globals(args.nm, args.input)
    if missing := exports - defined:
        sys.exit(f"seal_archive.py: kiln.h declares what {args.input} lacks: {' '.join(sorted(missing))}")
    renames = args.output + ".renames"
    with open(renames, "w") as out:
        out.writelines(f"{s} kiln_{s}\n" for s in sorted(defined) if not s.startswith("kiln_"))
    partial = args.output + ".partial"
    subprocess.run([args.objcopy, f"--redefine-syms={renames}", args.input, partial], check=True)
    if left := sorted(s for s in defined_globals(args.nm, partial) if not s.startswith("kiln_")):
        sys.exit(f"seal_archive.py: these symbols kept their names: {' '.join(left)}")

    archive = bytearray(pathlib.Path(partial).read_bytes())
    for begin in members(archive):
        set_visibility(archive, begin, exports)
    pathlib.Path(partial).write_bytes(archive)
    os.replace(partial, args.output)


if __name__ == "__main__":
    main()
