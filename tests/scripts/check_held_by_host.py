"""Holds tests/held_by_host.txt to the builds: it names entries of the host's build, and in a cross build those and no others are
left to it.

usage: check_held_by_host.py LIST CTEST BUILD [HOST_BUILD]

HOST_BUILD: BUILD is a cross build with the generators of that one.
"""
import json
import pathlib
import re
import subprocess
import sys

LEFT = "skipped: the host's build holds "


def listed(path):
    rows = [line for line in pathlib.Path(path).read_text().splitlines() if not line.startswith("#")]
    for row in rows:
        if not re.fullmatch(r"[\w.]+: \S.*[^.]", row):
            sys.exit(f"held_by_host: expected 'entry: what it checks', got '{row}'")
    names = [row.partition(":")[0] for row in rows]
    if names != sorted(set(names)):
        sys.exit("held_by_host: expected each entry once, in the order of their names")
    return set(names)


def commands(ctest, build):
    """Each entry's command, as words."""
    said = subprocess.run([ctest, "--show-only=json-v1", "--test-dir", build], check=True, stdout=subprocess.PIPE).stdout
    return {test["name"]: test.get("command", []) for test in json.loads(said)["tests"]}


def main():
    names, ctest, build = listed(sys.argv[1]), sys.argv[2], sys.argv[3]
    hosts = commands(ctest, (sys.argv[4:] or [build])[0])
    faults = [f"{name}: the host's build has no such entry" for name in names - hosts.keys()]
    if sys.argv[4:]:
        crosses = commands(ctest, build)
        left = {name for name, words in crosses.items() if words and words[-1].startswith(LEFT)}
        faults += [f"{name}: it is not left to the host's build" for name in names & crosses.keys() - left]
        faults += [f"{name}: it is left to the host's build, and the list does not say why" for name in left - names]
    for fault in sorted(faults):
        print(f"held_by_host: {fault}")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
