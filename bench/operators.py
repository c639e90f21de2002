"""What the benchmark has to know of an operator and operators.toml does not say: its result in float64, which errors are
measured against, and what peers call it. PyTorch's function is the table's `torch`.

A result only has to be far better than float32; the tests have oracles of their own. It takes x in float64, the case's
arguments by name, its tensors by name and the whole input, both in float32, of which x may be the first samples."""
import dataclasses
from collections.abc import Callable

import numpy as np

from .errors import BenchError


@dataclasses.dataclass(frozen=True)
class Node:
    """ONNX Runtime's."""
    attributes: Callable = lambda a: {}  # by the case's arguments; None where it cannot do what they ask for
    tensors: tuple = ()  # after x, in the order of ONNX
    name: str = ""  # where it is not the table's `onnx`


@dataclasses.dataclass(frozen=True)
class Operator:
    result: Callable  # (x, arguments, tensors, whole)
    onnx_runtime: Node | None = None  # None: it has none
    onednn: bool = False  # native/peers/onednn.cpp has it
    litert: str = ""  # for XNNPACK: its name in LiteRT's schema


def sigmoid(v):
    return np.where(v >= 0, 1, np.exp(-np.abs(v))) / (1 + np.exp(-np.abs(v)))


def standardize(x, axes, eps):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)


def spatial(x):
    return tuple(range(2, x.ndim))


def trailing(a):
    return tuple(range(-len(a["normalized_shape"]), 0))


def per_channel(values, x):
    return values.astype(np.float64).reshape(-1, *(1,) * (x.ndim - 2))


def affine(y, tensors):
    return y * per_channel(tensors["weight"], y) + per_channel(tensors["bias"], y)


def elementwise(function):
    return lambda x, *_: function(x)


def batch_norm(x, a, tensors, whole):
    if a["training"]:
        axes = (0, *spatial(x))
        mean, var = (function(whole, axes, dtype=np.float64, keepdims=True) for function in (np.mean, np.var))
    else:
        mean, var = (per_channel(tensors[name], x) for name in ("running_mean", "running_var"))
    return affine((x - mean) / np.sqrt(var + a["eps"]), tensors)


def group_norm(x, a, tensors, _):
    grouped = x.reshape(x.shape[0], a["num_groups"], -1)
    return affine(standardize(grouped, -1, a["eps"]).reshape(x.shape), tensors)


def instance_norm(x, a, tensors, _):
    if not a["use_input_stats"]:
        return batch_norm(x, {**a, "training": False}, tensors, None)
    return affine(standardize(x, spatial(x), a["eps"]), tensors)


def layer_norm(x, a, tensors, _):
    return standardize(x, trailing(a), a["eps"]) * tensors["weight"] + tensors["bias"]


def rms_norm(x, a, tensors, _):
    return x / np.sqrt((x * x).mean(trailing(a), keepdims=True) + a["eps"]) * tensors["weight"]


def local_response_norm(x, a, *_):
    size = a["size"]
    squares = np.pad(x * x, [(0, 0), (size // 2, (size - 1) // 2)] + [(0, 0)] * (x.ndim - 2))
    window = sum(squares[:, i:i + x.shape[1]] for i in range(size))
    return x / (a["k"] + a["alpha"] * window / size) ** a["beta"]


def normalize(x, a, *_):
    dims, p = a["dim"] or tuple(range(x.ndim)), a["p"]
    if np.isinf(p):
        norm = (np.max if p > 0 else np.min)(np.abs(x), dims, keepdims=True)
    elif p == 0:
        norm = (x != 0).sum(dims, keepdims=True)
    else:
        norm = (np.abs(x) ** p).sum(dims, keepdims=True) ** (1 / p)
    return x / np.maximum(norm, a["eps"])


def lp_attributes(a):
    """LpNormalization has two norms, over one dimension."""
    return {"p": int(a["p"]), "axis": a["dim"][0]} if a["p"] in (1, 2) and len(a["dim"]) == 1 else None


OPERATORS = {
    "tanh": Operator(elementwise(np.tanh), Node(), onednn=True, litert="TANH"),
    "sigmoid": Operator(elementwise(sigmoid), Node(), onednn=True, litert="LOGISTIC"),
    "hardsigmoid": Operator(elementwise(lambda v: np.clip(v + 3, 0, 6) / 6), Node(lambda a: {"alpha": 1 / 6, "beta": 0.5}),
                            onednn=True),
    "silu": Operator(elementwise(lambda v: v * sigmoid(v)), onednn=True),
    "mish": Operator(elementwise(lambda v: v * np.tanh(np.log1p(np.exp(v)))), Node(), onednn=True),
    "softplus": Operator(elementwise(lambda v: np.where(v > 20, v, np.maximum(v, 0) + np.log1p(np.exp(-np.abs(v))))), Node(),
                         onednn=True),
    "batch_norm": Operator(batch_norm, Node(lambda a: None if a["training"] else {"epsilon": a["eps"]},
                                            ("weight", "bias", "running_mean", "running_var")), onednn=True),
    "group_norm": Operator(group_norm, Node(lambda a: {"num_groups": a["num_groups"], "epsilon": a["eps"]},
                                            ("weight", "bias"))),
    "instance_norm": Operator(instance_norm, Node(lambda a: {"epsilon": a["eps"]} if a["use_input_stats"] else None,
                                                  ("weight", "bias"))),
    "layer_norm": Operator(layer_norm, Node(lambda a: {"axis": trailing(a)[0], "epsilon": a["eps"]}, ("weight", "bias")),
                           onednn=True),
    # ONNX Runtime's own node, which it has for versions of ONNX before the table's.
    "rms_norm": Operator(rms_norm, Node(lambda a: {"axis": trailing(a)[0], "epsilon": a["eps"]}, ("weight",),
                                        "SimplifiedLayerNormalization")),
    "local_response_norm": Operator(local_response_norm, Node(lambda a: {"size": a["size"], "alpha": a["alpha"],
                                                                         "beta": a["beta"], "bias": a["k"]}), onednn=True),
    "normalize": Operator(normalize, Node(lp_attributes)),
}


def operator(name):
    if name not in OPERATORS:
        raise BenchError(f"bench/operators.py has no operator \"{name}\"")
    return OPERATORS[name]
