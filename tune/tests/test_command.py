"""kiln-tune itself, on the kernel whose space is the smallest: what it leaves behind, whatever ends it."""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from tune import trees

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["KILN_BUILD"])
SMALLEST = ["--target", "x86-64-baseline", "--op", "^given_statistics", "--dry-run", "--no-baselines"]


class Command(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
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
                                (["--choose", "--op", "^none$", "--target", "x86-64-baseline"], "--choose|no kernel")):
            with self.subTest(words):
                self.assertRegex(self.end(self.start(*words), 2), expected)
                self.assertEqual(list(self.folder.glob("**/*.db")), [])
                self.assertEqual(self.trees(), [])


if __name__ == "__main__":
    unittest.main()
