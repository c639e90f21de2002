"""schedules/<target>.json, read and written: an entry a line."""
import json
import os

from .kernels import ROOT


def path_of(target):
    return ROOT / "schedules" / f"{target}.json"


def read(target):
    return json.loads(path_of(target).read_text())


def write(target, file):
    partial = path_of(target).with_suffix(".json.partial")
    partial.write_text(text(file))
    os.replace(partial, path_of(target))


def text(file):
    """{direction: {element type: {key: entry}}} as JSON."""
    directions = ",\n".join(f"  {json.dumps(direction)}: {{\n{of_dtypes(dtypes)}\n  }}" for direction, dtypes in file.items())
    return f"{{\n{directions}\n}}\n"


def of_dtypes(dtypes):
    return ",\n".join(f"    {json.dumps(dtype)}: {{\n{of_entries(entries)}\n    }}" for dtype, entries in dtypes.items())


def of_entries(entries):
    return ",\n".join(f"      {json.dumps(key)}: {json.dumps(entry)}" for key, entry in entries.items())
