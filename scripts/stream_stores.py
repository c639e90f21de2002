#!/usr/bin/env python3
"""Has a kernel write its output past the caches. Usage: stream_stores.py KERNEL.s, which is changed in place.

Halide 21 writes no streaming (non-temporal) stores. A kernel whose generator knows its output to begin at lines of the
cache stores whole vectors by x86's aligned stores; each that goes to memory other than the stack becomes the streaming
store of the same bytes, which asks for the same alignment. All else stays: the ends of lines are stored as usual.
Streaming stores are ordered by a fence alone, so one stands before each return.
"""
import pathlib
import re
import sys

STREAMING = {"movaps": "movntps", "movapd": "movntpd", "movdqa": "movntdq", "movdqa32": "movntdq", "movdqa64": "movntdq"}
# A whole vector register to memory by a base register; a masked store has {%k1} behind.
STORE = re.compile(r"^(\tv?)(mov[a-z]+\d*)(\t%[xyz]mm\d+, [^(]*\((%\w+)[^)]*\)\s*)$")
FRAME = re.compile(r"^\tmovq\t%rsp, %rbp\s*$")
RETURN = re.compile(r"^\tretq?\s*$")


def streaming(lines):
    """The lines with streaming stores, and how many those are."""
    changed, count = [], 0
    # The stack's registers; %rbp is like any other where no function makes it the frame's.
    stack = {"%rsp", "%rbp"} if any(map(FRAME.match, lines)) else {"%rsp"}
    for line in lines:
        store = STORE.match(line)
        if store and store[2] in STREAMING and store[4] not in stack:
            count += 1
            line = store[1] + STREAMING[store[2]] + store[3]
        elif RETURN.match(line):
            changed.append("\tsfence\n")
        changed.append(line)
    return changed, count


def main():
    path = pathlib.Path(sys.argv[1])
    lines, count = streaming(path.read_text().splitlines(keepends=True))
    if count == 0:
        sys.exit(f"{path}: expected aligned stores of vectors, of which there is none")
    path.write_text("".join(lines))


if __name__ == "__main__":
    main()
