"""float64 results of the cases, by operators.py and gradients.py, and the error beside each implementation's speed."""
import numpy as np

from . import elements, gradients, operators, table


def evaluate(case, whole):
    """{result: values} of the case for `whole`, its first tensor, in float64; of tensors of the case's shape, what sample() takes."""
    tensors = {name: elements.floats(values, case.dtype) for name, values in case.tensors.items() if name != "input"}
    with np.errstate(all="ignore"):  # infinities and what comes of them
        if table.operator(case.op).direction == "backward":
            return evaluate_gradient(case, whole, tensors)
        whole = elements.floats(whole, case.dtype)
        x = sample(case, whole).astype(np.float64)
        return {"output": operators.operator(case.op).result(x, case.arguments, tensors, whole)}


def evaluate_gradient(case, grad_output, tensors):
    both, kept = (case.tensors["input"], grad_output), len(sample(case, grad_output))
    if kind_of(case) == "ulp":
        both = [sample(case, values) for values in both]
    step = len(both[0]) if over_first_dimension(case, grad_output) else max(1, BLOCK * len(both[0]) // both[0].size)

    def blocks():
        for at in range(0, len(both[0]), step):
            yield tuple(elements.floats(values[at:at + step], case.dtype).astype(np.float64) for values in both)
    found = gradients.evaluate(case, tensors, blocks, kept)
    return {**found, "grad_input": found["grad_input"][:kept]}


# Elements that the error is taken of: an activation's does not depend on where they stand, a normalization's on the sample.
SAMPLE = {"ulp": 1 << 20, "absolute": 1 << 23}
BLOCK = 1 << 18  # elements that a gradient in float64 is computed of at once


def kind_of(case):
    """The kind of error that the operator is held to."""
    return "ulp" if table.operator(case.op).elementwise else "absolute"


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


def error_of(case, results, exact):
    """The largest error of all results: in units in the last place of the element type, or absolute over max(1, |result|), of a sum
    over its terms' magnitudes in place of the result. None: not a number."""
    largest = max((error_of_one(case, sample(case, values) if name in WHOLE else values, exact[name])
                   for name, values in results.items()), key=lambda error: (np.isnan(error), error))
    return largest if np.isfinite(largest) else None


WHOLE = ("output", "grad_input")  # results of the case's shape


def error_of_one(case, y, exact):
    exact, size = exact if isinstance(exact, gradients.Sum) else (exact, np.abs(exact))
    y = elements.floats(y, case.dtype).astype(np.float64).reshape(exact.shape)
    with np.errstate(all="ignore"):
        unit = elements.last_place(exact, case.dtype) if kind_of(case) == "ulp" else np.maximum(1, size)
        return float(np.max(np.abs(y - exact) / unit))
