"""Runs the tests of kiln.jax, and counts them.

    run.py [--package FOLDER] [NAME...]    the package kiln is the installed one, or in this folder; names are unittest's

Without JAX they are skipped by name, and so are those of CUDA devices without one."""
import argparse
import importlib.util
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", metavar="FOLDER")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    sys.dont_write_bytecode = True
    sys.path[:0] = [str(HERE), *([str(pathlib.Path(args.package).resolve())] if args.package else [])]
    found = importlib.util.find_spec("jax")
    if found is None or found.loader is None:  # a folder of the name is no JAX
        print("jax: skipped, JAX is not installed\n0 passed, 0 failed, 1 skipped")
        return 0
    loader = unittest.defaultTestLoader
    suite = loader.loadTestsFromNames(args.names) if args.names else loader.discover(str(HERE))
    result = unittest.TextTestRunner(verbosity=1).run(suite)
    failed = len({case.id().partition(" ")[0] for case, _ in (*result.failures, *result.errors)})
    for case, reason in result.skipped:
        print(f"skipped: {case.id()}: {reason}")
    print(f"{result.testsRun - failed - len(result.skipped)} passed, {failed} failed, {len(result.skipped)} skipped")
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main())
