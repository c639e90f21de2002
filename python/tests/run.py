"""Runs the tests of a folder beside this file with the Python that it is run by, and counts them.

    run.py [--package FOLDER] [--junit FILE] NAME [TEST...]

NAME is numpy, onnxruntime, torch, jax or models; TEST a module of it, as test_bits, or a test in one. The package kiln is the
installed one, or in FOLDER: python/package of a build. The closing line is "NAME: N passed, N failed, N skipped". What needs
something that is not installed, or a device, is skipped by name. --junit writes the outcomes as JUnit's XML has them.
"""
import argparse
import importlib.util
import pathlib
import sys
import unittest
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
# What no test of a folder can do without.
NEEDED = {"onnxruntime": ("numpy", "ml_dtypes", "onnx", "onnxruntime"), "torch": ("torch",), "jax": ("jax",)}


class Result(unittest.TextTestResult):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.passed = []

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed.append(test)

    def failed(self):
        """What is said of each test that has failed, by name: once, however many of its subtests have."""
        failed = {getattr(test, "test_case", test).id(): text for test, text in self.failures + self.errors}
        return failed | {test.id(): "it was expected to fail" for test in self.unexpectedSuccesses}


def write_junit(path, passed, failed, skipped):
    """Of names; of those that failed or were skipped, dictionaries with the reason."""
    suite = xml.etree.ElementTree.Element("testsuite")
    for outcome, reasons in (("", dict.fromkeys(passed)), ("failure", failed), ("skipped", skipped)):
        for name, reason in reasons.items():
            case = xml.etree.ElementTree.SubElement(suite, "testcase", name=name)
            if outcome:
                xml.etree.ElementTree.SubElement(case, outcome)
                xml.etree.ElementTree.SubElement(case, "system-out").text = f"{outcome}: {reason}"
    path.parent.mkdir(parents=True, exist_ok=True)
    xml.etree.ElementTree.ElementTree(suite).write(path)


def run(folder, tests, junit):
    """Whether all of a folder's tests have passed, and there are some; or what they need is missing."""
    missing = [name for name in NEEDED.get(folder.name, ()) if importlib.util.find_spec(name) is None]
    if missing:
        reason = f"{', '.join(missing)} not installed"
        passed, failed, skipped = [], {}, {path.stem: reason for path in sorted(folder.glob("test_*.py"))}
        print(f"skipped: {reason}")
    else:
        loader = unittest.defaultTestLoader
        suite = loader.loadTestsFromNames(tests) if tests else loader.discover(str(folder))
        result = unittest.TextTestRunner(resultclass=Result, verbosity=1).run(suite)
        failed = result.failed()
        passed = [test.id() for test in result.passed if test.id() not in failed]
        skipped = {test.id(): reason for test, reason in result.skipped}
        for test, reason in skipped.items():
            print(f"skipped: {test}: {reason}")
    if junit:
        write_junit(junit, passed, failed, skipped)
    print(f"{folder.name}: {len(passed)} passed, {len(failed)} failed, {len(skipped)} skipped", flush=True)
    return not failed and bool(passed or missing)


def main():
    folders = sorted(path.name for path in HERE.iterdir() if list(path.glob("test_*.py")))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", metavar="FOLDER", type=pathlib.Path)
    parser.add_argument("--junit", metavar="FILE", type=pathlib.Path)
    parser.add_argument("name", metavar="NAME", choices=folders)
    parser.add_argument("tests", nargs="*", metavar="TEST")
    args = parser.parse_args()
    sys.dont_write_bytecode = True
    # In the place of this file's folder, where folders have the names of packages.
    sys.path[:1] = [str(HERE / args.name), *([str(args.package.resolve())] if args.package else [])]
    if importlib.util.find_spec("kiln") is None:
        sys.exit("run.py: expected the package kiln: install a wheel, or say --package python/package of a build")
    return not run(HERE / args.name, args.tests, args.junit)


if __name__ == "__main__":
    sys.exit(main())
