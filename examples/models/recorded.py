"""Calls of the models, cut to a few thousand values and kept in recorded/ with the digests of their results: what a build for
another machine is held to, without the models."""
import json
import pathlib

import numpy as np

from calls import Call, digest

FOLDER = pathlib.Path(__file__).resolve().parent / "recorded"
#: How many values of an input are kept.
VALUES = 2048


def cut(call):
    """The call on a part of its input: rows, positions of the first sample, or values here and there."""
    x = call.input
    if "normalized_shape" in call.arguments:
        row = call.arguments["normalized_shape"]
        rows = x.reshape(-1, *row)
        x = rows[:max(1, VALUES // rows[0].size)]
    elif call.operator.endswith("_norm"):
        channels = x.reshape(x.shape[0], x.shape[1], -1)[:1]
        x = channels[..., :max(2, VALUES // x.shape[1])]
    else:
        flat = x.reshape(-1)
        x = flat[::max(1, flat.size // VALUES)][:VALUES]
    return Call(call.operator, {**call.arrays, "input": np.ascontiguousarray(x)}, call.arguments, call.place)


def keep(model, calls):
    """Writes one call of each operator."""
    first = {}
    for call in calls:
        first.setdefault(call.operator, call)
    small = [cut(call) for call in first.values()]
    arrays = {f"{i}.{name}": array for i, call in enumerate(small) for name, array in call.arrays.items()}
    FOLDER.mkdir(exist_ok=True)
    np.savez_compressed(FOLDER / f"{model}.npz", **arrays)
    rows = [{"operator": call.operator, "place": call.place, "arguments": call.arguments, "sha256": digest(call.run())}
            for call in small]
    (FOLDER / f"{model}.json").write_text(json.dumps(rows, indent=1) + "\n")


def models():
    """Names of the models that have recorded calls."""
    return sorted(file.stem for file in FOLDER.glob("*.json"))


def read(model):
    """[(call, SHA-256 of its result)]"""
    rows = json.loads((FOLDER / f"{model}.json").read_text())
    found = []
    with np.load(FOLDER / f"{model}.npz") as stored:
        for i, row in enumerate(rows):
            start = f"{i}."
            arrays = {name[len(start):]: stored[name] for name in stored.files if name.startswith(start)}
            arguments = {name: tuple(value) if isinstance(value, list) else value for name, value in row["arguments"].items()}
            found.append((Call(row["operator"], arrays, arguments, row["place"]), row["sha256"]))
    return found
