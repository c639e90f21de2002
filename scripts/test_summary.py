#!/usr/bin/env python3
"""Prints what CTest counted, from its JUnit file: "83 passed, 0 failed, 2 skipped", skipped ones by name before it."""
import sys
import xml.etree.ElementTree

suite = xml.etree.ElementTree.parse(sys.argv[1]).getroot()
cases = suite.findall("testcase")
skipped = [c.get("name") for c in cases if c.find("skipped") is not None]
failed = [c.get("name") for c in cases if c.find("failure") is not None or c.get("status") == "fail"]
for name in skipped:
    print(f"skipped: {name}")
print(f"{len(cases) - len(skipped) - len(failed)} passed, {len(failed)} failed, {len(skipped)} skipped")
