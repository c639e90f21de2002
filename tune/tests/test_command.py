"""kiln-tune itself, on the kernel whose space is the smallest: what it leaves behind, whatever ends it."""
import argparse
import contextlib
import io
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock

from bench.runner import Runner
from tune import kernels, machines, schedule_file, spaces, trees, tuning
from tune.builder import Builder

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["KILN_BUILD"])
SMALLEST = ["--target", "x86-64-baseline", "--op", "^given_statistics", "--dry-run", "--no-baselines"]


class Command(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        # The build, whose folder of studies is this test's own.
        self.build = self.folder / "build"
        self.build.mkdir()
        for path in BUILD.resolve().iterdir():
            if path.name != "tune":
                (self.build / path.name).symlink_to(path)

    def start(self, *words):
        return subprocess.Popen([sys.executable, "-B", "-m", "tune", "--build", str(self.build), *words], cwd=ROOT, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)

    def end(self, process, status):
        said = process.communicate(timeout=500)[0]
        self.assertEqual(process.returncode, status, said)
        return said

    def trees(self):
        return sorted(path.name for path in (self.build / "tune/trees").glob("*"))

    def wait_for_candidates(self, process):
        """Until some are built."""
        while not list((self.build / "tune/trees").glob("*/*/*/checked")):
            self.assertIsNone(process.poll())
            time.sleep(0.05)

    def test_a_run_and_what_it_leaves(self):
        before = {path: path.read_bytes() for folder in ("schedules", "tune/machines") for path in (ROOT / folder).glob("*.json")}
        said = self.end(self.start(*SMALLEST), 0)
        self.assertIn("given_statistics.combine: 3 candidates, 2 of them not yet timed; 2 cases", said)
        self.assertIn("; 3 of 3 candidates", said)
        self.assertEqual(self.trees(), [])
        self.assertEqual({p.name for p in (self.build / "tune").iterdir()}, {"studies.db", "trees"})
        after = {path: path.read_bytes() for folder in ("schedules", "tune/machines") for path in (ROOT / folder).glob("*.json")}
        self.assertEqual(before, after)
        self.assertIn("0 of them not yet timed", self.end(self.start(*SMALLEST), 0))

    def test_interrupted(self):
        for sent in (signal.SIGINT, signal.SIGTERM):
            process = self.start(*SMALLEST)
            self.wait_for_candidates(process)
            process.send_signal(sent)
            self.assertIn("the same command goes on", self.end(process, 130))
            self.assertEqual(self.trees(), [])

    def test_killed(self):
        process = self.start(*SMALLEST)
        self.wait_for_candidates(process)
        process.kill()
        process.communicate()
        self.assertEqual(len(self.trees()), 1)
        with trees.own(self.build / "tune/trees") as mine:
            self.assertEqual(self.trees(), [mine.name])
        self.assertEqual(self.trees(), [])

    def test_a_run_that_cannot_be_leaves_nothing(self):
        for words, expected in ((["--op", "^none$"], "no kernel that can be tuned"), (["--target", "z80"], "expected one of"),
                                (["--runner", "no-such-program"], "cannot start"), (["--trials", "0"], "at least 1"),
                                (["--report"], "has no studies"), (["--report", "--storage", f"sqlite:///{self.folder}/x.db"], "has no studies"),
                                (["--choose", "--op", "^none$", "--target", "x86-64-baseline"], "no kernel that can be tuned")):
            with self.subTest(words):
                self.assertRegex(self.end(self.start(*words), 2), expected)
                self.assertEqual(list(self.folder.glob("**/*.db")), [])
                self.assertEqual(self.trees(), [])


    def test_a_forced_cpu_family_is_refused(self):
        with unittest.mock.patch.dict(os.environ, {"KILN_CPU_FAMILY": "general"}):
            self.assertIn("KILN_CPU_FAMILY: expected none", self.end(self.start(*SMALLEST), 2))


class Choices(unittest.TestCase):
    """--choose, with machines that are made up and kernels that are not."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        manifest = kernels.Manifest(BUILD)
        self.unit, = kernels.units(manifest, "x86_64_baseline", spaces.read(), ["^given_statistics"])
        self.present = self.unit.present(schedule_file.read("x86_64_baseline"))
        self.other = next(p for p in self.unit.space.points() if p != self.present)
        self.code = Builder(manifest, self.unit, self.folder / "trees", 1, Runner()).code()

    def machine(self, model, code, ratios):
        candidate = {"point": self.other, "rounds": 36, "ratios": ratios, "final": {"ratios": ratios, "repeats": [max(ratios)] * 5}}
        found = {"code": code, "reference": self.present, "present": self.present, "cases": ["a", "b"], "candidates": [candidate]}
        facts = {"cpu": "Example", "cpu_model": model, "cpus": 2, "caches": {}, "found": {}}
        machines.write(machines.with_finding(facts, [], self.unit, found), self.folder / "machines")

    def choose(self):
        args = argparse.Namespace(target="x86-64-baseline", op=[], direction="forward", dtype="float32", dry_run=True)
        said = io.StringIO()
        with unittest.mock.patch.object(machines, "FOLDER", self.folder / "machines"), contextlib.redirect_stdout(said):
            tuning.Choosing(args, BUILD).run()
        return said.getvalue()

    def test_what_machines_found_is_chosen_from(self):
        self.machine("Maker 1", self.code, [0.8, 0.9])
        self.assertRegex(self.choose(), r"^x86_64_baseline: given_statistics.combine: would take .*mean 0.849, worst case 0.900\n$")
        self.machine("Maker 2", self.code, [0.9, 1.2])
        self.assertRegex(self.choose(), "the present schedule stays; Example .Maker 1.: mean 1.000")

    def test_findings_about_other_code_are_left_out(self):
        self.machine("Maker 1", "old", [0.8, 0.9])
        said = self.choose()
        self.assertIn("1 of 1 machines timed other code of its kernels", said)
        self.assertIn("the present schedule stays", said)


if __name__ == "__main__":
    unittest.main()
