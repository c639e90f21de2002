"""Runs the tests of a folder beside this file with the Python that it is run by, and counts them.

    run.py [--package FOLDER] NAME [TEST...]

NAME is numpy, onnxruntime, torch, jax or models; TEST a module of it, as test_bits, or a test in one. The package kiln is the
installed one, or in FOLDER: python/package of a build. The closing line is "NAME: N passed, N failed, N skipped". What needs
something that is not installed, or a device, is skipped by name.
"""
import argparse
import importlib.util
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
# What no test of a folder can do without.
NEEDED = {"onnxruntime": ("numpy", "ml_dtypes", "onnx", "onnxruntime"), "torch": ("torch",), "jax": ("jax",)}


class Result(unittest.TextTestResult):
    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


def run(folder, tests):
    """Whether all of a folder's tests have passed, and there are some; or what they need is missing."""
    missing = [name for name in NEEDED.get(folder.name, ()) if importlib.util.find_spec(name) is None]
    if missing:
        print(f"skipped: {', '.join(missing)} not installed")
        print(f"{folder.name}: 0 passed, 0 failed, {len(list(folder.glob('test_*.py')))} skipped")
        return True
    loader = unittest.defaultTestLoader
    suite = loader.loadTestsFromNames(tests) if tests else loader.discover(str(folder))
    result = unittest.TextTestRunner(resultclass=Result, verbosity=1).run(suite)
    for test, reason in result.skipped:
        print(f"skipped: {test.id()}: {reason}")
    failed = {str(getattr(test, "test_case", test)) for test, _ in result.failures + result.errors}
    print(f"{folder.name}: {result.passed} passed, {len(failed) + len(result.unexpectedSuccesses)} failed, {len(result.skipped)} skipped",
          flush=True)
    return result.wasSuccessful() and result.passed > 0


def main():
    folders = sorted(path.name for path in HERE.iterdir() if list(path.glob("test_*.py")))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", metavar="FOLDER", type=pathlib.Path)
    parser.add_argument("name", metavar="NAME", choices=folders)
    parser.add_argument("tests", nargs="*", metavar="TEST")
    args = parser.parse_args()
    sys.dont_write_bytecode = True
    # In the place of this file's folder, where folders have the names of packages.
    sys.path[:1] = [str(HERE / args.name), *([str(args.package.resolve())] if args.package else [])]
    if importlib.util.find_spec("kiln") is None:
        sys.exit("run.py: expected the package kiln: install a wheel, or say --package python/package of a build")
    return not run(HERE / args.name, args.tests)


if __name__ == "__main__":
    sys.exit(main())
