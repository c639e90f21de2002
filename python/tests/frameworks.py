"""Runs the tests of every framework with the Python that it is run by, and counts them.

    frameworks.py [FOLDER...]     numpy, onnxruntime, ...; all that are there without it

Each is a process of run.py, which ends with "N passed, N failed, N skipped". What is not installed is skipped by name there. One
that ends otherwise counts as failed.
"""
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
FOLDERS = ("numpy", "onnxruntime", "torch", "jax", "models")
COUNTS = re.compile(r"(\d+) passed, (\d+) failed, (\d+) skipped\s*$")


def run(words):
    """(passed, failed, skipped) as the program's last count says, and its status; its output is handed on."""
    counts = None
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace") as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            if found := COUNTS.search(line):
                counts = tuple(map(int, found.groups()))
    return counts, process.returncode


def fault(counts, status):
    """What is wrong with a run, in words; nothing where nothing is. All skipped is well: the run has said what is missing."""
    if counts is None:
        return f"ended with status {status} and without a count"
    passed, failed, skipped = counts
    if failed or (status and passed):
        return f"status {status}"
    return "" if passed or skipped else "no tests"


def main(folders):
    rows = []
    for folder in folders or [name for name in FOLDERS if (HERE / name).is_dir()]:
        print(f"== {folder}", flush=True)
        counts, status = run([sys.executable, "-B", str(HERE / "run.py"), folder])
        rows.append((folder, counts or (0, 1, 0), fault(counts, status)))
    print("== tests of frameworks")
    for folder, counts, wrong in rows:
        print(f"{folder}: {'{} passed, {} failed, {} skipped'.format(*counts)}{': ' + wrong if wrong else ''}")
    absent = [name for name in FOLDERS if not (HERE / name).is_dir()]
    if absent and not folders:
        print(f"skipped: no tests of {', '.join(absent)} in this tree")
    total = [sum(column) for column in zip(*(counts for _, counts, _ in rows))] or [0, 0, 0]
    print("{} passed, {} failed, {} skipped".format(*total))
    return any(wrong for *_, wrong in rows) or not total[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
