"""schedules/<target>.json, read and written: an entry a line."""
import json
import os

from .kernels import ROOT


def path_of(target):
    return ROOT / "schedules" / f"{target}.json"


def read(target):
    return json.loads(path_of(target).read_text())


def write(target, file):
    lines = ",\n".join(f"    {json.dumps(key)}: {json.dumps(entry)}" for key, entry in file["kernels"].items())
    partial = path_of(target).with_suffix(".json.partial")
    partial.write_text(f'{{\n  "kernels": {{\n{lines}\n  }}\n}}\n')
    os.replace(partial, path_of(target))
