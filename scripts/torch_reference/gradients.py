"""Gradients of normalizations by autograd in float64: the cases, and one of them through PyTorch."""
import zlib

import numpy as np
import torch
import torch.nn.functional as F

from .call import argument_json, as_float32, tensor_json
from .tensors import INF, NAN, full, poke, positive, rand, rows

TOLERANCE = 1e-9  # what float64 may lose in PyTorch's sums, of a result's magnitude


def case(name, shape, input=None, weight=None, running=None, grad_output=None, **arguments):
    """weight: how many values; running: how many channels have statistics."""
    tensors = {"grad_output": grad_output or rand(*shape, mean=0.3), "input": input or rand(*shape, mean=-0.5, std=2)}
    if weight:
        tensors["weight"] = rand(*np.atleast_1d(weight), mean=1, std=0.5)
    if running:
        tensors |= {"running_mean": rand(running), "running_var": positive(running)}
    return name.replace("--", "-minus-"), arguments, tensors


def hard_cases(shape, **arguments):
    """Inputs that are hard for a reduction, each of which fills the shape."""
    count = int(np.prod(shape))
    of = lambda make: lambda rng: np.float32(make(rng)).reshape(shape)
    return [
        case("large-mean", shape, rand(*shape, mean=1e3), **arguments),
        case("huge", shape, rand(*shape, std=1e20), **arguments),
        case("tiny", shape, rand(*shape, std=1e-20), **arguments | {"eps": 1e-60}),
        case("constant", shape, full(0.75, *shape), **arguments),
        case("one-outlier", shape, of(lambda rng: poke(rand(count, std=1e-2), {count // 2: 1e4})(rng)), **arguments),
        case("huge-grad-output", shape, grad_output=rand(*shape, std=1e30), **arguments),
        case("nan-in-the-input", shape, of(lambda rng: poke(rand(count), {1: NAN})(rng)), **arguments),
    ]


def row_norm_cases(operator):
    return [
        case("weight", (3, 6), weight=6, normalized_shape=[6]),
        case("no-weight", (3, 6), normalized_shape=[6]),
        case("eps-0.5", (3, 6), weight=6, normalized_shape=[6], eps=0.5),
        case("two-dimensions", (2, 2, 3), weight=(2, 3), normalized_shape=[2, 3]),
        case("two-values", (3, 2), normalized_shape=[2]),
        case("long-row", (1, 35), normalized_shape=[35]),
        case("no-rows", (0, 3), weight=3, normalized_shape=[3]),
        *hard_cases((2, 6), weight=6, normalized_shape=[6]),
    ]


def channel_cases(which):
    """batch_norm and instance_norm, with the argument that chooses the statistics."""
    batch, given = {which: True}, {which: False}
    return [
        case("batch", (2, 3, 4), weight=3, **batch),
        case("batch-no-weight", (2, 2, 2, 2), **batch),
        case("batch-eps-0.5", (2, 3, 2), weight=3, eps=0.5, **batch),
        case("batch-statistics-given", (2, 3, 2), weight=3, running=3, **batch),
        case("running", (2, 3, 4), weight=3, running=3, **given),
        case("running-no-weight", (2, 2, 2, 2), running=2, **given),
        case("running-two-dimensions", (4, 3), weight=3, running=3, **given),
        case("one-channel", (3, 1, 5), weight=1, **batch),
        case("long-plane", (1, 1, 35), **batch),
        *hard_cases((2, 2, 3), weight=2, **batch),
    ]


def group_norm_cases(operator):
    return [
        *[case(f"groups-{groups}", (2, 4, 2), weight=4, num_groups=groups) for groups in (1, 2, 4)],
        case("no-weight", (1, 4, 2, 2), num_groups=2),
        case("eps-0.5", (1, 4, 3), weight=4, num_groups=2, eps=0.5),
        case("two-dimensions", (3, 6), weight=6, num_groups=2),
        case("no-samples", (0, 4, 3), weight=4, num_groups=2),
        *hard_cases((1, 4, 3), weight=4, num_groups=2),
    ]


def local_response_norm_cases(operator):
    shape = (1, 5, 2)
    return [
        *[case(f"size-{size}", shape, size=size, alpha=0.5) for size in (1, 2, 3, 4, 5, 8)],
        *[case(f"beta-{beta:g}", shape, size=3, alpha=0.5, beta=beta) for beta in (0.0, 0.5, 1.0, 1.3, -0.75)],
        case("defaults", shape, size=3),
        case("k-2", (1, 4, 2, 2), size=3, alpha=1.0, k=2.0),
        case("nan-in-the-input", shape, poke(rand(*shape), {1: NAN}), size=3),
    ]


def normalize_cases(operator):
    powers = (2.0, 1.0, 0.0, INF, -INF, 3.0, 1.5, 0.5, -1.5, 4.0)
    zeros, ties = rows([0, 3, -1, 0], [2, 0, -0.5, 1]), rows([2, -2, 1, 2], [-1, 1, 3, 0.5])
    return [
        *[case(f"p-{p:g}", (2, 5), p=p) for p in powers],
        *[case(f"p-{p:g}-zeros", (2, 4), zeros, p=p) for p in powers],
        *[case(f"p-{p:g}-ties", (2, 4), ties, p=p) for p in (INF, -INF)],
        *[case(f"p-{p:g}-small", (2, 4), p=p, eps=100.0) for p in (2.0, 1.0, INF, 3.0)],
        case("norm-of-eps", (1, 2), rows([3, -4]), eps=5.0),
        case("zero-rows", (2, 3), full(0, 2, 3)),
        *[case(f"dim-{d}", (2, 3, 2), dim=d) for d in (0, -1)],
        case("dims-0-2", (2, 3, 2), dim=(0, 2)),
        case("dim-none", (2, 3), dim=None),
        case("huge", (2, 5), rand(2, 5, std=1e20)),
        case("tiny", (2, 5), rand(2, 5, std=1e-20), eps=0.0),
        case("nan-in-the-input", (2, 5), poke(rand(2, 5), {1: NAN})),
        *[case(f"p-{p:g}-infinity-in-the-input", (1, 4), rows([INF, 1, -2, 0.5]), p=p) for p in (2.0, 1.0, 0.0, INF, -INF, 3.0, -1.5)],
    ]


CASES = {"batch_norm": lambda operator: channel_cases("training"), "instance_norm": lambda operator: channel_cases("use_input_stats"),
         "group_norm": group_norm_cases, "layer_norm": row_norm_cases, "rms_norm": row_norm_cases,
         "local_response_norm": local_response_norm_cases, "normalize": normalize_cases}


def doubles(tensor):
    return "".join(f"{bits:016x}" for bits in np.array(tensor.contiguous().numpy()).view(np.uint64).flat)


def gradients(operator, arguments, tensors):
    """Of the input, and of the weight and the bias where the operator has them, absent or not."""
    names = [tensor.name for tensor in operator.tensors]
    channels = arguments.get("normalized_shape") or tensors["input"].shape[1:2]
    given = {name: value for name, value in tensors.items() if name not in ("grad_output", "input")}
    given |= dict.fromkeys((tensor.name for tensor in operator.statistics if tensor.name not in given))
    leaves = {"input": tensors["input"].clone().requires_grad_()}
    for name, identity in (("weight", torch.ones), ("bias", torch.zeros)):
        if name in names:
            leaves[name] = given.get(name, identity(tuple(channels), dtype=torch.float64)).clone().requires_grad_()
    output = getattr(F, operator.torch)(**given | leaves | as_float32(operator, arguments))
    found = torch.autograd.grad(output, list(leaves.values()), tensors["grad_output"], allow_unused=True)
    return {f"grad_{name}": torch.zeros_like(leaf) if grad is None else grad
            for (name, leaf), grad in zip(leaves.items(), found)}


def run(operator, name, arguments, inputs):
    """`operator` is the one whose gradient it is."""
    rng = np.random.default_rng(zlib.crc32(f"{operator.name}_backward {name}".encode()))
    arrays = {k: make(rng) for k, make in inputs.items()}
    found = gradients(operator, arguments, {k: torch.from_numpy(a.copy()).double() for k, a in arrays.items()})
    return {"name": name, "arguments": {k: argument_json(v) for k, v in arguments.items()},
            "inputs": {k: tensor_json(a) for k, a in arrays.items()},
            "outputs": {k: doubles(v) for k, v in found.items()}, "tolerance": TOLERANCE}
