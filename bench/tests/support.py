"""What the tests of the benchmark share: the command, run in a folder of its own, and runners that fail on purpose."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = os.environ["KILN_BUILD"]
# Two operators at the size of L1, one round: seconds of work, whose timings no test reads.
SMALL = ["--case", "^(tanh|layer_norm)/L1/", "--threads", "1", "--rounds", "1", "--round-ms", "0.1"]


def bench(*words, status=0, timeout=240):
    """The command's output, both streams; it must end with `status`."""
    done = subprocess.run([sys.executable, "-B", "-m", "bench", *map(str, words)], cwd=ROOT, text=True, timeout=timeout,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != status:
        raise AssertionError(f"bench {' '.join(map(str, words))}: status {done.returncode}, expected {status}:\n{done.stdout}")
    return done.stdout


class BenchTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.out = self.folder / "out.json"

    def run_bench(self, *words, small=SMALL, python=False, **keywords):
        return bench("run", "--build", BUILD, "--python", sys.executable, "--out", self.out, *small,
                     *([] if python else ["--no-python"]), *words, **keywords)

    def save(self, name, results):
        path = self.folder / name
        path.write_text(json.dumps(results))
        return path

    def results(self):
        return json.loads(self.out.read_text())

    def runner(self, body):
        """A command that runs the shell's `body`, in which "$@" is kiln_bench."""
        path = self.folder / "runner.sh"
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return str(path)
