"""What a call executes on an emulated AArch64 CPU: its blocks of instructions and how often each runs, by qemu-user's logs.

A count is the difference between a run of kiln_bench with three calls and one with a single call, so that what comes before
falls out; addresses are the same in both."""
import collections
import json
import pathlib
import re
import shutil
import subprocess
import tempfile

from .errors import BenchError

CALLS = (1, 3)
EXECUTED = re.compile(r"^Trace \d+: \S+ \[[0-9a-f]+/([0-9a-f]+)/", re.MULTILINE)
TRANSLATED = re.compile(r"^(0x[0-9a-f]+):\s+([0-9a-f]{8})\s")
LIBRARY = "/usr/aarch64-linux-gnu"  # of the cross compiler


def emulator():
    found = shutil.which("qemu-aarch64") or shutil.which("qemu-aarch64-static")
    if not found:
        raise BenchError("estimate: qemu-aarch64 or qemu-aarch64-static is not installed (Debian: qemu-user)")
    return found


def translated(log):
    """{address: its instructions, a number of 8 hexadecimal digits each} of each block of a log's lines."""
    blocks, address, words = {}, None, []
    for line in [*log, ""]:
        found = TRANSLATED.match(line)
        if found:
            address = address or int(found[1], 16)
            words.append(found[2])
        elif address is not None:
            blocks.setdefault(address, words)
            address, words = None, []
    return blocks


def leaves(word):
    """Whether an instruction is of the group of branches, exceptions and system instructions (Arm ARM C4.1, bits 28 to 26)."""
    return int(word, 16) >> 26 & 7 == 5


def joined(blocks, counts):
    """[(instructions, how often they ran)]. qemu ends a block where a page ends, too, which says nothing of the code: such
    a block is joined to the one after it."""
    counts, found = collections.Counter(counts), []
    for address in sorted(a for a in counts if a in blocks):
        words, n = list(blocks[address]), counts[address]
        while n > 0 and not leaves(words[-1]) and counts[after := address + 4 * len(words)] >= n and after in blocks:
            counts[after] -= n
            words += blocks[after]
        found.append((words, n))
    return [(words, n) for words, n in found if n > 0]


def run(program, request, calls, limit):
    """(blocks, {address: how often it ran}) of a run with so many calls."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "log"
        command = [emulator(), "-d", "in_asm,exec,nochain", "-D", str(path), "-L", LIBRARY, str(program), "--once",
                   json.dumps(request), str(calls)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
        except subprocess.TimeoutExpired as e:
            raise BenchError(f"estimate: qemu had no end in {limit:g} s") from e
        if done.returncode:
            raise BenchError(f"estimate: kiln_bench under qemu: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
        log = path.read_text(errors="replace")
        return translated(log.splitlines()), collections.Counter(int(a, 16) for a in EXECUTED.findall(log))


def of_a_call(program, request, limit=300):
    """[(instructions of a block, how often a call runs it)]"""
    (_, few), (blocks, many) = (run(program, request, calls, limit) for calls in CALLS)
    share = CALLS[1] - CALLS[0]
    return joined(blocks, {a: (n - few[a]) / share for a, n in many.items() if n > few[a]})
