#!/usr/bin/env python3
"""Prints what CTest counted in several runs, from its JUnit files, and each skipped test with its reason.

usage: test_summary.py RUN...

A RUN is NAME=FILE, or, of a run that has no file, "NAME=passed: WHAT", "NAME=skipped: REASON" or "NAME=failed: REASON",
which counts as one test. The last line is the sum of all: "183 passed, 0 failed, 7 skipped". Exit status 1 where
something failed or nothing passed.
"""
import collections
import pathlib
import re
import sys
import xml.etree.ElementTree


def reason(case):
    """What a skipped test said: after "skipped:", on the line after GoogleTest's "Skipped", or last."""
    output = case.findtext("system-out") or ""
    for pattern in [r"(?m)^skipped: (.+)$", r"(?m): Skipped\n(.+)$"]:
        if found := re.search(pattern, output):
            return found[1]
    return ([line for line in output.splitlines() if line.strip()] or ["no reason given"])[-1]


def outcomes(source):
    """Pairs of outcome and what is to be said of it."""
    if found := re.fullmatch(r"(passed|skipped|failed): (.*)", source):
        return [(found[1], f"every test: {found[2]}")]
    if not pathlib.Path(source).exists():
        return [("failed", f"every test: CTest left no {source}")]
    pairs = []
    for case in xml.etree.ElementTree.parse(source).getroot().findall("testcase"):
        if case.find("skipped") is not None:
            pairs.append(("skipped", f"{case.get('name')}: {reason(case)}"))
        elif case.find("failure") is not None or case.get("status") == "fail":
            pairs.append(("failed", case.get("name")))
        else:
            pairs.append(("passed", None))
    return pairs


def counts(pairs):
    count = collections.Counter(outcome for outcome, _ in pairs)
    return ", ".join(f"{count[outcome]} {outcome}" for outcome in ["passed", "failed", "skipped"])


def main():
    runs = [argument.split("=", 1) for argument in sys.argv[1:]]
    every = []
    for name, source in runs:
        pairs = outcomes(source)
        for outcome, text in pairs:
            if outcome != "passed":
                print(f"{outcome}: {name}: {text}")
        print(f"{name}: {counts(pairs)}")
        every += pairs
    print(counts(every))
    found = {outcome for outcome, _ in every}
    sys.exit("failed" in found or "passed" not in found)


if __name__ == "__main__":
    main()
