"""Runs the tests of kiln.torch, and says how many there were.

    PYTHONPATH=<folder of the package kiln> python run.py [NAME...]

Tests that find no PyTorch, or no CUDA device, are skipped by name."""
import pathlib
import sys
import unittest

FOLDER = pathlib.Path(__file__).resolve().parent


def main():
    try:
        import torch  # noqa: F401
    except ImportError as error:
        print(f"kiln.torch: skipped, PyTorch is not there: {error}")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    sys.path.insert(0, str(FOLDER))
    loader = unittest.TestLoader()
    suite = loader.loadTestsFromNames(sys.argv[1:]) if sys.argv[1:] else loader.discover(str(FOLDER))
    result = unittest.TextTestRunner(verbosity=1).run(suite)
    failed = len({case.id().partition(" ")[0] for case, _ in (*result.failures, *result.errors)})
    skipped = len(result.skipped)
    for case, reason in result.skipped:
        print(f"skipped: {case.id()}: {reason}")
    print(f"{result.testsRun - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main())
