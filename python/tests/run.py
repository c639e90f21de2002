"""Runs the tests of folders beside this file, with the kiln that is installed, and counts them.

    run.py FOLDER...     numpy, ...; the closing line is "FOLDER: N passed, N failed, N skipped"
"""
import importlib.util
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent


class Result(unittest.TextTestResult):
    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def run(folder):
    """Whether all of a folder's tests have passed, and there are some."""
    sys.path.insert(0, str(HERE / folder))
    suite = unittest.defaultTestLoader.discover(str(HERE / folder), top_level_dir=str(HERE / folder))
    result = unittest.TextTestRunner(resultclass=Result, verbosity=2).run(suite)
    sys.path.pop(0)
    failed = {str(getattr(test, "test_case", test)) for test, _ in result.failures + result.errors}
    print(f"{folder}: {result.passed} passed, {len(failed) + len(result.unexpectedSuccesses)} failed, {len(result.skipped)} skipped",
          flush=True)
    return result.wasSuccessful() and result.passed > 0


def main():
    if not sys.argv[1:] or not all((HERE / folder).is_dir() for folder in sys.argv[1:]):
        sys.exit(__doc__)
    if importlib.util.find_spec("kiln") is None:
        sys.exit("run.py: expected the package kiln: install a wheel, or set PYTHONPATH to python/package of a build")
    return not all([run(folder) for folder in sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
