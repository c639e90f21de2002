"""float64 results of the cases, for the error beside each contestant's speed. They only have to be far better than
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


def evaluate(case, x):
    """The case's result for float32 x, in float64."""
    x, given, arguments = x.astype(np.float64), case.parameters(), case.arguments
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
        return affine(standardize(x, (0, *spatial)), given)
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


SAMPLE = 1 << 20  # of an activation's elements: its error does not depend on where they stand


def sample(op, values):
    return values.reshape(-1)[:SAMPLE] if op in POINTWISE else values


def evaluate_sample(case, x):
    """The kind of error that the operator is held to, and what error_of compares with."""
    if case.op in POINTWISE:
        return "ulp", (case.op, POINTWISE[case.op](sample(case.op, x).astype(np.float64)))
    return "absolute", (case.op, evaluate(case, x))


def error_of(kind, y, exact):
    """The largest error: in units in the last place of float32, or absolute over max(1, |result|). None: not a number."""
    op, exact = exact
    y = sample(op, y).astype(np.float64)
    with np.errstate(all="ignore"):
        if kind == "ulp":
            exponent = np.maximum(np.frexp(exact)[1] - 1, -126)
            largest = float(np.max(np.abs(y - exact) / np.ldexp(1.0, exponent - 23)))
        else:
            largest = float(np.max(np.abs(y - exact) / np.maximum(1, np.abs(exact))))
    return largest if np.isfinite(largest) else None
