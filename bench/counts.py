"""Instructions of one call, by valgrind's callgrind: they hold still on a noisy machine.

A count is the difference between a run that calls Kiln twice and one that calls it once, so that set-up falls out. Callgrind
knows no AVX-512: the kernels counted are avx2's, or those that are asked for. Threads: 1."""
import json
import pathlib
import re
import shutil
import subprocess
import tempfile

from .errors import BenchError

CALLS = (1, 3)


def instructions(program, request, calls, limit):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out"
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", str(program), "--once", json.dumps(request),
                   str(calls)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
        except subprocess.TimeoutExpired as e:
            raise BenchError(f"valgrind gave no count in {limit:g} s and was stopped") from e
        if done.returncode:
            last = " / ".join(done.stderr.strip().splitlines()[-3:])
            raise BenchError(f"valgrind ended with status {done.returncode}: {last}")
        found = re.search(r"^(?:totals|summary): (\d+)", out.read_text(), re.MULTILINE)
        if not found:
            raise BenchError("callgrind wrote no totals")
        return int(found[1])


def count(program, request, limit):
    if not shutil.which("valgrind"):
        raise BenchError("--counts: valgrind is not installed")
    counted = []
    for isa in request["isas"] or ["avx2"]:
        one = {**request, "isas": [isa], "threads": 1}
        few, many = (instructions(program, one, calls, limit) for calls in CALLS)
        value = (many - few) / (CALLS[1] - CALLS[0])
        counted.append({"name": f"kiln/exact/{isa}", "obtained": "counted", "unit": "instructions", "best": value,
                        "median": value, "samples": [value]})
    return counted
