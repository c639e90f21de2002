"""float64 results of the cases, by operators.py, and the error beside each implementation's speed."""
import numpy as np

from . import elements, operators, table


def evaluate(case, whole):
    """The case's result for `whole`, of the case's element type, in float64; of it, what sample() takes."""
    whole = elements.floats(whole, case.dtype)
    tensors = {name: elements.floats(values, case.dtype) for name, values in case.tensors.items()}
    x = sample(case, whole).astype(np.float64)
    with np.errstate(all="ignore"):  # infinities and what comes of them
        return operators.operator(case.op).result(x, case.arguments, tensors, whole)


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
    """The largest error: in units in the last place of the element type, or absolute over max(1, |result|). None: not a number."""
    y = elements.floats(sample(case, y), case.dtype).astype(np.float64)
    with np.errstate(all="ignore"):
        unit = elements.last_place(exact, case.dtype) if kind_of(case) == "ulp" else np.maximum(1, np.abs(exact))
        largest = float(np.max(np.abs(y - exact) / unit))
    return largest if np.isfinite(largest) else None
