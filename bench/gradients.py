"""Gradients in float64, which errors of gradients are measured against, by the operator's name; and what peers have.

An activation has its derivative. A normalization has a function of the case's arguments, its tensors and all samples, which
makes one of some samples, (x, g) -> {result: values}: g is grad_output, all are of float64, and gradients of parameters are those
samples' shares, each a Sum. Samples come in blocks, as the tensors of a case in memory are large; batch_norm looks at all of them first."""
import functools
from typing import NamedTuple

import numpy as np

from . import table
from .errors import BenchError
from .operators import per_channel, sigmoid, spatial, trailing


class Sum(NamedTuple):
    values: np.ndarray
    magnitudes: np.ndarray  # the sum of the terms' magnitudes, which the accuracy of a sum is promised by

    @classmethod
    def over(cls, axes, terms):
        return cls(terms.sum(axes), np.abs(terms).sum(axes))

    def and_of(self, other):
        return Sum(self.values + other.values, self.magnitudes + other.magnitudes)


def derivative_of_tanh(x):
    e = np.exp(-2 * np.abs(x))
    return 4 * e / (1 + e) ** 2


def derivative_of_mish(x):
    t = np.tanh(np.log1p(np.exp(x)))
    return t + x * (1 - t * t) * sigmoid(x)


DERIVATIVES = {
    "tanh": derivative_of_tanh,
    "sigmoid": lambda x: sigmoid(x) * sigmoid(-x),
    "hardsigmoid": lambda x: np.where(np.abs(x) < 3, 1 / 6, 0),
    "silu": lambda x: sigmoid(x) * (1 + x * sigmoid(-x)),
    "mish": derivative_of_mish,
    "softplus": lambda x: np.where(x > 20, 1, sigmoid(x)),
}


def standardized(x, axes, eps, centred=True):
    """((x - mean) / root, 1 / root) over the axes."""
    deviation = x - x.mean(axes, keepdims=True) if centred else x
    rstd = 1 / np.sqrt((deviation * deviation).mean(axes, keepdims=True) + eps)
    return deviation * rstd, rstd


def through(n, rstd, h, axes, centred=True):
    """The gradient of the input, where h is that of n."""
    mean = h.mean(axes, keepdims=True) if centred else 0
    return rstd * (h - mean - n * (h * n).mean(axes, keepdims=True))


def of_channels(n, g):
    """The shares of weight and bias that are one a channel."""
    axes = (0, *spatial(g))
    return {"grad_weight": Sum.over(axes, g * n), "grad_bias": Sum.over(axes, g)}


def of_positions(n, g, a):
    axes = tuple(range(g.ndim - len(a["normalized_shape"])))
    return {"grad_weight": Sum.over(axes, g * n), "grad_bias": Sum.over(axes, g)}


def batch_norm(a, tensors, blocks):
    weight = functools.partial(per_channel, tensors["weight"])
    if not a["training"]:
        def of_samples(x, g):
            mean, var = (per_channel(tensors[name], x) for name in ("running_mean", "running_var"))
            rstd = 1 / np.sqrt(var + a["eps"])
            return {"grad_input": g * weight(g) * rstd, **of_channels((x - mean) * rstd, g)}
        return of_samples
    def mean_of(values):
        sums = [(v.sum((0, *spatial(v)), keepdims=True), v.size / v.shape[1]) for v in values]
        return sum(s for s, _ in sums) / sum(count for _, count in sums)
    mean = mean_of(x for x, _ in blocks())
    rstd = 1 / np.sqrt(mean_of((x - mean) ** 2 for x, _ in blocks()) + a["eps"])
    mean_g = mean_of(g for _, g in blocks())
    mean_gn = mean_of(g * (x - mean) * rstd for x, g in blocks())
    def of_samples(x, g):
        n = (x - mean) * rstd
        return {"grad_input": rstd * weight(g) * (g - mean_g - n * mean_gn), **of_channels(n, g)}
    return of_samples


def group_norm(a, tensors, _):
    def of_samples(x, g):
        grouped = (len(x), a["num_groups"], -1)
        n, rstd = standardized(x.reshape(grouped), -1, a["eps"])
        h = (g * per_channel(tensors["weight"], g)).reshape(grouped)
        return {"grad_input": through(n, rstd, h, -1).reshape(x.shape), **of_channels(n.reshape(x.shape), g)}
    return of_samples


def instance_norm(a, tensors, blocks):
    if not a["use_input_stats"]:
        return batch_norm({**a, "training": False}, tensors, blocks)
    def of_samples(x, g):
        n, rstd = standardized(x, spatial(x), a["eps"])
        return {"grad_input": through(n, rstd, g * per_channel(tensors["weight"], g), spatial(x)), **of_channels(n, g)}
    return of_samples


def rows(a, tensors, _, centred):
    def of_samples(x, g):
        n, rstd = standardized(x, trailing(a), a["eps"], centred)
        shares = of_positions(n, g, a)
        return {"grad_input": through(n, rstd, g * tensors["weight"], trailing(a), centred),
                **(shares if centred else {"grad_weight": shares["grad_weight"]})}
    return of_samples


def local_response_norm(a, *_):
    size = a["size"]
    def window(values, before):
        padded = np.pad(values, [(0, 0), (before, size - 1 - before)] + [(0, 0)] * (values.ndim - 2))
        return sum(padded[:, i:i + values.shape[1]] for i in range(size))
    def of_samples(x, g):
        d = a["k"] + a["alpha"] * window(x * x, size // 2) / size
        around = window(g * x * d ** (-a["beta"] - 1), (size - 1) // 2)  # the channels whose windows have this one
        return {"grad_input": g * d ** -a["beta"] - 2 * a["alpha"] * a["beta"] / size * x * around}
    return of_samples


def normalize(a, *_):
    p, eps = a["p"], a["eps"]
    def of_samples(x, g):
        dims, size = a["dim"] or tuple(range(x.ndim)), np.abs(x)
        total = functools.partial(np.sum, axis=dims, keepdims=True)
        if np.isinf(p):
            norm = (np.max if p > 0 else np.min)(size, dims, keepdims=True)
            slope = (size == norm) / total(size == norm)
        elif p == 0:
            norm, slope = total(size != 0), 0
        else:
            norm = total(size ** p) ** (1 / p)
            slope = np.where(size == 0, 0, size / norm) ** (p - 1)
        along = np.sign(x) * slope * total(g * x / norm)
        return {"grad_input": np.where(norm < eps, g / eps, (g - along) / norm)}
    return of_samples


NORMALIZATIONS = {
    "batch_norm": batch_norm,
    "group_norm": group_norm,
    "instance_norm": instance_norm,
    "layer_norm": functools.partial(rows, centred=True),
    "rms_norm": functools.partial(rows, centred=False),
    "local_response_norm": local_response_norm,
    "normalize": normalize,
}


def evaluate(case, tensors, blocks, kept):
    """{result: values} in float64 of a gradient's case: grad_input of the first `kept` samples at least, the parameters' of all, each a
    Sum. blocks() iterates over all samples, (x, g)."""
    name = table.operator(case.op).forward
    if name in DERIVATIVES:
        return {"grad_input": np.concatenate([g * DERIVATIVES[name](x) for x, g in blocks()])}
    if name not in NORMALIZATIONS:
        raise BenchError(f"bench/gradients.py has no operator \"{name}\"")
    of_samples, found, first = NORMALIZATIONS[name](case.arguments, tensors, blocks), {}, []
    for x, g in blocks():
        results = of_samples(x, g)
        if sum(map(len, first)) < kept:
            first.append(results["grad_input"])
        for result, share in results.items():
            if result != "grad_input":
                found[result] = found[result].and_of(share) if result in found else share
    return {"grad_input": np.concatenate(first), **found}
