"""Elementwise operators: one list of cases, with what an operator needs beside it."""
import numpy as np

from .tensors import bits, case, full, near, rand, rows

# Inputs of the documentation's example, where they are not these.
WORKED = {"hardsigmoid": (-4, -2, 0, 2, 4)}
MORE = {"softplus": [case("threshold-20", rows(*near(20)))]}


def gradient_cases(operator):
    """Inputs up to 6, where float64 loses little of 1 - tanh(x)^2, which PyTorch computes from the result."""
    numbers = [s * v for v in (1e-30, 1e-6, 3e-3, 0.1, 0.3466, 0.5, 1, 1.1924, 1.2784, 1.5, 2.5, 4, 5, 6) for s in (1, -1)]
    specials = [0.0, -0.0, np.inf, -np.inf, np.nan, *near(3), *near(-3)]
    each = lambda values, g: (rows(*[g] * len(values)), rows(*values))
    inputs = [("one", *each(numbers, 1)), ("negative", *each(numbers, -0.7)), ("huge", *each(numbers, 1e37)),
              *[(f"specials-of-{g}", *each(specials, g)) for g in (1, -2.5, 0.0, np.nan)],
              *[(f"random-scale-{s:g}", rand(60), lambda rng, s=s: np.clip(rand(60, std=s)(rng), -6, 6)) for s in (0.3, 1, 4)],
              ("zero-dim", full(0.5), full(0.75)), ("five-dim", rand(2, 1, 3, 1, 2), rand(2, 1, 3, 1, 2)),
              ("empty", full(0, 0), full(0, 0))]
    return [(name, {}, {"grad_output": g, "input": x}) for name, g, x in inputs]


def elementwise_cases(operator):
    both = [s * v for v in (1e-42, 1e-30, 1e-10, 1e-6, 1e-4, 3e-3, 0.1, 0.3466, 0.5, 0.6931, 1, 1.5,
                            2.5, 4, 6, 8, 9, 9.02, 12, 16.6, 17.4, 20, 50, 1e3, 1e10, 1e30)
            for s in (1, -1)]
    edges = [v for c in (3, -3, 9, -9, 88.7, 88.72284, -87.33655, -88.72284, -103.97208)
             for v in near(c)]
    return [
        case("worked-example", rows(*WORKED.get(operator.name, (-2, 0, 2)))),
        case("specials", bits(0, 0x80000000, 0x7fc00000, 0xffc00000, 0x7f800001, 0xffffffff,
                              0x7f800000, 0xff800000, 1, 0x80000001, 0x7fffff, 0x807fffff,
                              0x800000, 0x80800000, 0x7f7fffff, 0xff7fffff)),
        case("small-and-large", rows(*both)),
        case("thresholds", rows(*edges)),
        case("deep-negative", rows(*np.arange(-110, -79))),
        *[case(f"random-scale-{s:g}", rand(40, std=s)) for s in (1e-3, 0.3, 1, 4, 30, 100)],
        case("random-bits", lambda rng: rng.integers(0, 2**32, 40, np.uint32).view(np.float32)),
        case("zero-dim", full(0.75)),
        case("five-dim", rand(2, 1, 3, 1, 2)),
        case("empty", full(0, 0)),
        case("empty-three-dim", full(0, 2, 0, 3)),
        *MORE.get(operator.name, []),
    ]
