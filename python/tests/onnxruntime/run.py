#!/usr/bin/env python3
"""Runs the tests of kiln.onnxruntime with the Python that it is run by, and counts them.

    run.py [--package FOLDER] [TEST...]

FOLDER is put before where Python looks for kiln: BUILD/package of python/native/onnxruntime/, for instance. Without
onnxruntime or onnx nothing is run, and each test counts as skipped. TEST is a module, as test_bits, or a test in one.
"""
import argparse
import importlib.util
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
NEEDED = ("numpy", "ml_dtypes", "onnx", "onnxruntime")


def leaves(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from leaves(test)
        else:
            yield test


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--package", type=pathlib.Path, help="where the package kiln is, if it is not installed")
    parser.add_argument("tests", nargs="*", metavar="TEST")
    args = parser.parse_args()
    sys.dont_write_bytecode = True
    sys.path[:0] = [str(HERE)] + [str(args.package.resolve())] * bool(args.package)
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        count = len(list(HERE.glob("test_*.py")))
        print(f"skipped: {', '.join(missing)} not installed\n0 passed, 0 failed, {count} skipped")
        return 0
    loader = unittest.defaultTestLoader
    suite = loader.loadTestsFromNames(args.tests) if args.tests else loader.discover(str(HERE))
    count = len(list(leaves(suite)))
    result = unittest.TextTestRunner(verbosity=1).run(suite)
    bad = {str(getattr(test, "test_case", test)) for test, _ in result.failures + result.errors}
    skipped = len(result.skipped)
    print(f"{count - len(bad) - skipped} passed, {len(bad)} failed, {skipped} skipped")
    return 0 if result.wasSuccessful() and count > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
