"""Runs the tests of every framework with the Python that it is run by, and counts them.

    frameworks.py [--junit FOLDER] [NAME...]     numpy, onnxruntime, ...; all that are there without it

Each is a process of run.py, which ends with "N passed, N failed, N skipped"; as many run at once as there are CPUs. What is not
installed is skipped by name there. One that ends otherwise counts as failed. --junit keeps the outcomes in NAME.xml of a folder.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
FOLDERS = ("numpy", "onnxruntime", "torch", "jax", "models")
LONGEST_FIRST = ("jax", "torch", "models", "onnxruntime", "numpy")
COUNTS = re.compile(r"(\d+) passed, (\d+) failed, (\d+) skipped\s*$", re.M)


def run(words):
    """What a program says, (passed, failed, skipped) as its last count has it, and its status."""
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    found = [tuple(map(int, counts)) for counts in COUNTS.findall(done.stdout)]
    return done.stdout, found[-1] if found else None, done.returncode


def run_tests(name, junit):
    print(f"== {name} begins", flush=True)
    return run([sys.executable, "-B", str(HERE / "run.py"), *(["--junit", str(junit / f"{name}.xml")] if junit else []), name])


def fault(counts, status):
    """What is wrong with a run, in words; nothing where nothing is. All skipped is well: the run has said what is missing."""
    if counts is None:
        return f"ended with status {status} and without a count"
    passed, failed, skipped = counts
    if failed or (status and passed):
        return f"status {status}"
    return "" if passed or skipped else "no tests"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--junit", metavar="FOLDER", type=pathlib.Path)
    parser.add_argument("names", nargs="*", metavar="NAME")
    args = parser.parse_args()
    if unknown := set(args.names) - set(FOLDERS):
        parser.error(f"NAME: expected {', '.join(FOLDERS)}, got {', '.join(sorted(unknown))}")
    names = args.names or FOLDERS
    rows = {}
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        runs = {pool.submit(run_tests, name, args.junit): name for name in sorted(names, key=LONGEST_FIRST.index)}
        for done in concurrent.futures.as_completed(runs):
            output, counts, status = done.result()
            print(f"== {runs[done]}", output, sep="\n", end="", flush=True)
            rows[runs[done]] = counts or (0, 1, 0), fault(counts, status)
    print("== tests of frameworks")
    for name in names:
        counts, wrong = rows[name]
        print(f"{name}: {'{} passed, {} failed, {} skipped'.format(*counts)}{': ' + wrong if wrong else ''}")
    total = [sum(column) for column in zip(*(counts for counts, _ in rows.values()))]
    print("{} passed, {} failed, {} skipped".format(*total))
    return any(wrong for _, wrong in rows.values()) or not total[0]


if __name__ == "__main__":
    sys.exit(main())
