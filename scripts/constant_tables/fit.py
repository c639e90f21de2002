"""Polynomials with float32 coefficients.

A fit minimizes the largest weighted error over a Chebyshev grid by linear
programming. Its coefficients become float32 one at a time, lowest degree first:
for each, the floats around the fitted value are tried, the rest is fitted
again, and the few best candidates go on. Later coefficients so absorb the
rounding of earlier ones. (Remez exchange would do for the first fit, but not
after: with some powers of r fixed, the rest need not satisfy Haar's condition.)
The bound is that of the rounded coefficients on a grid ten times finer, in
exact arithmetic; the kernel's own roundings come on top.
"""
import mpmath as mp
import numpy as np
from scipy.optimize import linprog

mp.mp.dps = 40


def grid(low, high, count):
    return (low + high) / 2 - (high - low) / 2 * np.cos(np.pi * np.arange(count) / (count - 1))


def least_maximum(columns, wanted):
    """The c that minimizes max |wanted - columns c|."""
    count = columns.shape[1]
    if count == 0:
        return np.zeros(0)
    size = np.max(np.abs(columns), axis=0)
    unit = max(np.max(np.abs(wanted)), 1e-300)
    scaled = columns / size
    ones = np.ones((len(wanted), 1))
    rows = np.vstack([np.hstack([scaled, -ones]), np.hstack([-scaled, -ones])])
    right = np.concatenate([wanted, -wanted]) / unit
    answer = linprog(
        np.append(np.zeros(count), 1),
        A_ub=rows,
        b_ub=right,
        bounds=[(None, None)] * count + [(0, None)],
        method="highs",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    return answer.x[:count] * unit / size


def neighbours(value, reach=2):
    values = [np.float32(value)]
    for direction in (np.inf, -np.inf):
        current = values[0]
        for _ in range(reach):
            current = np.nextafter(current, np.float32(direction))
            values.append(current)
    return [float(v) for v in values]


def polynomial(function, weight, count, interval, points, beam=4):
    """Float32 c with sum c_i x^i near function on interval, and the largest weighted error."""
    x = grid(*interval, points)
    f = np.array([float(function(mp.mpf(v))) for v in x])
    w = np.array([float(weight(v)) for v in x])
    columns = w[:, None] * x[:, None] ** np.arange(count)
    best = [(0.0, [])]
    for index in range(count):
        tried = {}
        for _, done in best:
            wanted = w * f - columns[:, :index] @ np.array(done)
            fitted = least_maximum(columns[:, index:], wanted)[0]
            for value in neighbours(fitted):
                left = wanted - columns[:, index] * value
                rest = least_maximum(columns[:, index + 1 :], left)
                tried[tuple(done) + (value,)] = np.max(np.abs(left - columns[:, index + 1 :] @ rest))
        best = sorted((error, list(c)) for c, error in tried.items())[:beam]
    c = best[0][1]
    fine = grid(*interval, 10 * points)
    bound = max(weight(v) * abs(float(function(mp.mpf(v)) - mp.polyval(c[::-1], mp.mpf(v)))) for v in fine)
    return c, bound
