"""python/tests/frameworks.py: what it makes of programs that end well and badly."""
import importlib.util
import sys
import unittest

from support import ROOT

_spec = importlib.util.spec_from_file_location("frameworks", ROOT / "python" / "tests" / "frameworks.py")
frameworks = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(frameworks)


class Runner(unittest.TestCase):
    def fault_of(self, program):
        _, counts, status = frameworks.run([sys.executable, "-c", program])
        return frameworks.fault(counts, status)

    def test_counts(self):
        for counts, good in (("2 passed, 0 failed, 1 skipped", True), ("0 passed, 0 failed, 3 skipped", True),
                             ("2 passed, 1 failed, 0 skipped", False), ("0 passed, 0 failed, 0 skipped", False),
                             ("numpy: 1 passed, 0 failed, 0 skipped", True)):
            self.assertEqual(self.fault_of(f"print('before'); print({counts!r})") == "", good, counts)

    def test_the_status_counts(self):
        self.assertEqual(self.fault_of("print('2 passed, 0 failed, 0 skipped'); raise SystemExit(1)"), "status 1")
        self.assertEqual(self.fault_of("raise SystemExit(3)"), "ended with status 3 and without a count")
        self.assertIn("without a count", self.fault_of("import os; os.kill(os.getpid(), 11)"))

    def test_every_folder_of_tests_is_run(self):
        there = {folder.name for folder in (ROOT / "python" / "tests").iterdir() if list(folder.glob("test_*.py"))}
        self.assertLessEqual(there, set(frameworks.FOLDERS))
