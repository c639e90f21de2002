"""Rows that are hard for a reduction."""
import numpy as np

from .tensors import INF, MAX, NAN, SUB, case, poke, rand, reshape, rows

# Rows of 8 that are hard for a reduction: name -> (number of rows, tensor).
HARD = {
    "constant-rows": (4, rows(*[[v] * 8 for v in (0, 3.3, -1e6, 1e-40)])),
    "two-valued-rows": (4, rows([1, 2] * 4, [7] * 7 + [8], [1e6, 1e6 + 1] * 4, [-3, 3] * 4)),
    "shaped-rows": (3, rows(range(8), [0] * 7 + [1e4], [1, -1.5, 2, -2.5, 3, -3.5, 4, -4.5])),
    "large-mean-rows": (4, lambda rng: np.concatenate(
        [rand(1, 8, mean=m)(rng) for m in (1e2, 1e4, 1e6, -1e6)])),
    "huge-rows": (4, lambda rng: np.concatenate(
        [rand(1, 8, std=s)(rng) for s in (1e19, 1e30, 1e37)] + [rows([MAX, -MAX] * 4)(rng)])),
    "tiny-rows": (5, lambda rng: np.concatenate(
        [rand(1, 8, std=s)(rng) for s in (1e-3, 1e-19, 1e-30, 1e-41)]
        + [rows([SUB, 0] * 4)(rng)])),
    "special-rows": (6, poke(rand(6, 8), {3: NAN, 9: INF, 18: -INF, 24: INF, 25: -INF, 33: INF,
                                          34: NAN})),
}
# Not for batch_norm, instance_norm and affine group_norm: there PyTorch computes x * scale + shift,
# whose rounding errors in float64 exceed the exact result of 0 by far.
CONSTANT_HUGE = rows([1e30] * 8, [MAX] * 8)


def hard_cases(shape, again, eps, **fixed):
    """Each hard tensor, its n rows of 8 brought to shape(n); those named in again also with eps."""
    for name, (n, tensor) in HARD.items():
        arguments = {k: v(n) if callable(v) else v for k, v in fixed.items()}
        x = reshape(tensor, *shape(n))
        yield case(name, x, **arguments)
        if name.split("-")[0] in again:
            yield case(f"{name}-eps-{eps:g}", x, **arguments, eps=eps)
