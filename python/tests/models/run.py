"""Runs the tests of examples/models with the Python that it is run by, and counts them.

    run.py [--package FOLDER] [TEST...]     the package kiln is the installed one, or in this folder; TEST as unittest names it

What needs a package that is not installed is skipped by name.
"""
import argparse
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent


class Result(unittest.TextTestResult):
    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", metavar="FOLDER", type=pathlib.Path)
    parser.add_argument("tests", nargs="*", metavar="TEST")
    args = parser.parse_args()
    sys.dont_write_bytecode = True
    sys.path[:0] = [str(HERE), *([str(args.package.resolve())] if args.package else [])]
    loader = unittest.defaultTestLoader
    suite = loader.loadTestsFromNames(args.tests) if args.tests else loader.discover(str(HERE))
    result = unittest.TextTestRunner(resultclass=Result, verbosity=1).run(suite)
    for test, reason in result.skipped:
        print(f"skipped: {test.id()}: {reason}")
    failed = {str(getattr(test, "test_case", test)) for test, _ in result.failures + result.errors}
    print(f"{result.passed} passed, {len(failed)} failed, {len(result.skipped)} skipped")
    return 0 if result.wasSuccessful() and (result.passed or result.skipped) else 1


if __name__ == "__main__":
    sys.exit(main())
