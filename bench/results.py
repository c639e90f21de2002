"""Results files: read and checked against results.schema.json, written whole or not at all."""
import json
import math
import os
import pathlib

import jsonschema

from . import microarchitecture, peers, table
from .errors import BenchError

SCHEMA = json.loads((pathlib.Path(__file__).resolve().parent / "results.schema.json").read_text())
VERSION = SCHEMA["properties"]["schema"]["const"]
FIRST, SECOND, THIRD = "kiln-bench-1", "kiln-bench-2", "kiln-bench-3"  # whose files are read too
IDENTITY = {"direction": "forward", "dtype": "float32"}  # of everything that FIRST holds


def options(isas):
    """Those of a file that no run of rounds is behind."""
    return {"direction": "forward", "dtypes": ["float32"], "rounds": 1, "seconds": 1, "threads": [1], "isas": isas, "runner": ""}


def not_run(ran, known, otherwise):
    """{name: why} of every peer but those that ran; `known` has reasons already."""
    return {name: known.get(name, otherwise) for name in peers.KINDS if name not in ran}


def described(machine):
    """With its generation, as files say it."""
    return {"cpu_model": "", "microarchitecture": microarchitecture.of(machine), **machine}


def upgraded(results):
    """A file of an earlier schema as one of VERSION; others as they are."""
    return with_types(with_reasons(with_identity(results))) if isinstance(results, dict) else results


def with_types(results):
    """A file of THIRD, whose options have one element type, as one of VERSION; others as they are."""
    if results.get("schema") != THIRD or not isinstance(results.get("options"), dict):
        return results
    options = {name: value for name, value in results["options"].items() if name != "dtype"}
    return {**results, "schema": VERSION, "options": {**options, "dtypes": [results["options"].get("dtype")]}}


def with_reasons(results):
    """A file of SECOND as one of THIRD; others as they are: why peers were not run, and the CPU by its generation."""
    software, machine = results.get("software"), results.get("machine")
    if results.get("schema") != SECOND or not isinstance(software, dict) or not isinstance(machine, dict):
        return results
    absent = not_run(software.get("peers", {}), {name: "not installed" for name in software.get("absent", [])}, "left out")
    return {**results, "schema": THIRD, "software": {**software, "absent": absent}, "machine": described(machine)}


def with_identity(results):
    """A file of FIRST as one of SECOND; others as they are."""
    if results.get("schema") != FIRST:
        return results
    rows = [{**IDENTITY, **{{"contestants": "implementations"}.get(key, key): value for key, value in row.items()}}
            for row in results.get("rows", [])]
    return {**results, "schema": SECOND, "options": {**IDENTITY, **results.get("options", {})}, "rows": rows}


def check(results, name):
    if not isinstance(results, dict) or results.get("schema") != VERSION:
        found = results.get("schema") if isinstance(results, dict) else type(results).__name__
        raise BenchError(f"{name}: expected results of schema {VERSION}, got {found!r}")
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(SCHEMA).iter_errors(results))
    if error:
        raise BenchError(f"{name}: not as {VERSION} says, at {error.json_path}: {error.message}")
    return results


def read(path):
    try:
        return check(upgraded(json.loads(pathlib.Path(path).read_text())), str(path))
    except OSError as e:
        raise BenchError(f"{path}: {e.strerror}") from e
    except ValueError as e:
        raise BenchError(f"{path}: not JSON: {e}") from e


def write(path, results):
    path = pathlib.Path(path)
    check(results, str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(results, indent=1) + "\n")
    os.replace(partial, path)


def copy_of(implementations, streaming=False):
    """The implementation that counts as copy: the fastest of memcpy, the loop and PyTorch's. None where there is none."""
    copies = [c for c in implementations if c["name"].startswith("copy/") and c["unit"] == "seconds"
              and (streaming or c["name"] != "copy/streaming")]
    return min(copies, key=lambda c: c["best"], default=None)


def threads_words(threads):
    return f"{threads} thread{'s' * (threads > 1)}"


def is_kiln(implementation):
    return implementation["name"].startswith("kiln/")


def is_peer(implementation):
    return not implementation["name"].startswith(("kiln/", "float32/", "copy/", "bare ", "plain"))


def dtype_words(dtype):
    """Behind a case's id: nothing for float32."""
    return f", {dtype}" * (dtype != "float32")


def slowness(row):
    """(Kiln's time an element over that of the row's plain case, and over PyTorch's of the same call); None where one lacks."""
    mine, usual, torch = (fastest(row, name) for name in ("kiln/exact/", "plain", "torch eager"))
    return (mine / row["bytes"] / (usual / row["plain"]["bytes"]) if mine and usual else None,
            mine / torch if mine and torch else None)


def fastest(row, prefix):
    return min((c["best"] for c in row.get("implementations", []) if c["name"].startswith(prefix)), default=None)


def bytes_per_second(row, implementation):
    """Of one read and one write of the tensor, of a gradient two reads and one write, whatever the implementation really moves."""
    size = row["plain"]["bytes"] if implementation["name"] == "plain" else row["bytes"]
    if implementation["name"].startswith("float32/"):
        size = math.prod(row["shape"]) * table.BYTES["float32"]
    tensors = 2 if implementation["name"].startswith("copy/") else table.whole_tensors(row["op"])
    return tensors * size / implementation["best"]


def of_copy(row, implementation):
    """How many of copy's bytes a second it has; None where there is no copy."""
    copy = copy_of(row["implementations"])
    return bytes_per_second(row, implementation) / bytes_per_second(row, copy) if copy else None


def beside_float32(row, accuracy="exact"):
    """How many times as many elements a second Kiln has as on float32 tensors of the shape; None where that was not timed."""
    mine, wide = fastest(row, f"kiln/{accuracy}/"), fastest(row, f"float32/{accuracy}/")
    return wide / mine if mine and wide else None
