"""float64 results of the cases, for the error beside each implementation's speed. They only have to be far better than
float32; the tests have oracles of their own."""
import numpy as np


def sigmoid(v):
    return np.where(v >= 0, 1, np.exp(-np.abs(v))) / (1 + np.exp(-np.abs(v)))


POINTWISE = {"tanh": np.tanh, "sigmoid": sigmoid, "silu": lambda v: v * sigmoid(v),
             "mish": lambda v: v * np.tanh(np.log1p(np.exp(v))), "hardsigmoid": lambda v: np.clip(v + 3, 0, 6) / 6}


def standardize(x, axes, eps=1e-5):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)


def affine(y, parameters):
    if "weight" not in parameters:
        return y
    w, b = parameters["weight"].astype(np.float64), parameters["bias"].astype(np.float64)
    tail = (1,) * (y.ndim - 2)
    return y * w.reshape(-1, *tail) + b.reshape(-1, *tail)


def evaluate(case, whole):
    """The case's result for float32 `whole`, in float64; of it, what sample() takes."""
    x, given, arguments = sample(case, whole).astype(np.float64), case.parameters(), case.arguments
    spatial = tuple(range(2, x.ndim))
    if case.op in POINTWISE:
        return POINTWISE[case.op](x)
    if case.op == "layer_norm":
        return standardize(x, -1) * given["weight"] + given["bias"]
    if case.op == "group_norm":
        grouped = x.reshape(x.shape[0], arguments["num_groups"], -1)
        return affine(standardize(grouped, -1).reshape(x.shape), given)
    if case.op == "instance_norm":
        return affine(standardize(x, spatial), given)
    if case.op == "batch_norm" and arguments["training"]:
        axes = (0, *spatial)
        mean, var = (function(whole, axes, dtype=np.float64, keepdims=True) for function in (np.mean, np.var))
        return affine((x - mean) / np.sqrt(var + 1e-5), given)
    if case.op == "batch_norm":
        tail = (1,) * len(spatial)
        mean, var = (given[k].astype(np.float64).reshape(-1, *tail) for k in ("running_mean", "running_var"))
        return affine((x - mean) / np.sqrt(var + 1e-5), given)
    if case.op == "normalize":
        return x / np.maximum(np.sqrt((x * x).sum(arguments["dim"], keepdims=True)), 1e-12)
    size = arguments["size"]  # local_response_norm
    squares = np.pad(x * x, [(0, 0), (size // 2, (size - 1) // 2)] + [(0, 0)] * len(spatial))
    window = sum(squares[:, i:i + x.shape[1]] for i in range(size))
    return x / (1 + 1e-4 * window / size) ** 0.75


# Elements that the error is taken of: an activation's does not depend on where they stand, a normalization's on the sample.
SAMPLE = {"ulp": 1 << 20, "absolute": 1 << 23}


def kind_of(case):
    """The kind of error that the operator is held to."""
    return "ulp" if case.op in POINTWISE else "absolute"


def sample(case, values):
    limit = SAMPLE[kind_of(case)]
    if case.op in POINTWISE:
        return values.reshape(-1)[:limit]
    if values.ndim < 2 or case.arguments.get("dim") == 0:
        return values
    return values[:max(1, limit * len(values) // values.size)]


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
