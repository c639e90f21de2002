"""float64 results of the cases, for the error beside each implementation's speed. They only have to be far better than
float32; the tests have oracles of their own."""
import numpy as np

from . import table
from .errors import BenchError


def sigmoid(v):
    return np.where(v >= 0, 1, np.exp(-np.abs(v))) / (1 + np.exp(-np.abs(v)))


def standardize(x, axes, eps):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)


def spatial(x):
    return tuple(range(2, x.ndim))


def per_channel(values, x):
    return values.astype(np.float64).reshape(-1, *(1,) * (x.ndim - 2))


def affine(y, tensors):
    return y * per_channel(tensors["weight"], y) + per_channel(tensors["bias"], y)


# Those of the normalizations take x in float64, the case's arguments by name, its tensors by name and the whole float32
# input, of which x may be the first samples.

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
    axes = tuple(range(-len(a["normalized_shape"]), 0))
    return standardize(x, axes, a["eps"]) * tensors["weight"] + tensors["bias"]


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


ELEMENTWISE = {"tanh": np.tanh, "sigmoid": sigmoid, "silu": lambda v: v * sigmoid(v),
               "mish": lambda v: v * np.tanh(np.log1p(np.exp(v))), "hardsigmoid": lambda v: np.clip(v + 3, 0, 6) / 6,
               "softplus": lambda v: np.where(v > 20, v, np.maximum(v, 0) + np.log1p(np.exp(-np.abs(v))))}
NORMALIZATIONS = {function.__name__: function for function in (batch_norm, group_norm, instance_norm, layer_norm,
                                                               local_response_norm, normalize)}


def evaluate(case, whole):
    """The case's result for float32 `whole`, in float64; of it, what sample() takes."""
    x = sample(case, whole).astype(np.float64)
    if case.op in ELEMENTWISE:
        return ELEMENTWISE[case.op](x)
    if case.op in NORMALIZATIONS:
        return NORMALIZATIONS[case.op](x, case.arguments, case.tensors, whole)
    raise BenchError(f"bench/reference.py has no operator \"{case.op}\"")


# Elements that the error is taken of: an activation's does not depend on where they stand, a normalization's on the sample.
SAMPLE = {"ulp": 1 << 20, "absolute": 1 << 23}


def kind_of(case):
    """The kind of error that the operator is held to."""
    return "ulp" if table.operator(case.op).family == "elementwise" else "absolute"


def sample(case, values):
    limit = SAMPLE[kind_of(case)]
    if kind_of(case) == "ulp":
        return values.reshape(-1)[:limit]
    if over_first_dimension(case, values):
        return values
    return values[:max(1, limit * len(values) // values.size)]


def over_first_dimension(case, values):
    """Whether a result depends on values at other indices of the first dimension, but for statistics of a batch."""
    dims = case.arguments.get("dim", [1])
    return not dims or any(dim % values.ndim == 0 for dim in dims) or (
        len(case.arguments.get("normalized_shape", [])) == values.ndim)


def error_of(case, y, exact):
    """The largest error: in units in the last place of float32, or absolute over max(1, |result|). None: not a number."""
    y = sample(case, y).astype(np.float64)
    with np.errstate(all="ignore"):
        if kind_of(case) == "ulp":
            exponent = np.maximum(np.frexp(exact)[1] - 1, -126)
            largest = float(np.max(np.abs(y - exact) / np.ldexp(1.0, exponent - 23)))
        else:
            largest = float(np.max(np.abs(y - exact) / np.maximum(1, np.abs(exact))))
    return largest if np.isfinite(largest) else None
