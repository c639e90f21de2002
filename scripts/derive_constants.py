#!/usr/bin/env python3
"""Derives the constant tables of generators/math and prints each as its header.

    derive_constants.py            list the polynomials with their error bounds
    derive_constants.py TABLE      print generators/math/TABLE_constants.h
    derive_constants.py --check    compare the headers in the tree with their derivation
    derive_constants.py --write    bring the headers in the tree up to date

A fit minimizes the largest weighted error over a Chebyshev grid by linear
programming. Its coefficients become float32 one at a time, lowest degree first:
for each, the floats around the fitted value are tried, the rest is fitted
again, and the few best candidates go on. Later coefficients so absorb the
rounding of earlier ones. (Remez exchange would do for the first fit, but not
after: with some powers of r fixed, the rest need not satisfy Haar's condition.)
The bound printed is that of the rounded coefficients on a grid ten times finer,
in exact arithmetic; the kernel's own roundings come on top.

Needs the packages of scripts/derive_requirements.txt, which the build does not:

    python3 -m venv /tmp/derive
    /tmp/derive/bin/pip install -r scripts/derive_requirements.txt
    /tmp/derive/bin/python scripts/derive_constants.py --check
"""

import argparse
import math
import pathlib
import sys

try:
    import mpmath as mp
    import numpy as np
    from scipy.optimize import linprog
except ModuleNotFoundError as missing:
    needs = pathlib.Path(__file__).resolve().parent / "derive_requirements.txt"
    sys.exit(f"derive_constants.py: no module {missing.name}; pip install -r {needs} brings what it needs")

mp.mp.dps = 40
TREE = pathlib.Path(__file__).resolve().parent.parent / "generators" / "math"
LN2 = mp.log(2)


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


def exp_polynomial(count):
    """(exp(r) - 1 - r) / r^2 for |r| <= ln(2) / 2, error relative to exp(r)."""
    half = float(LN2 / 2 * (1 + mp.mpf(2) ** -14))
    function = lambda r: (mp.expm1(r) - r) / r**2 if r else mp.mpf(1) / 2
    return polynomial(function, lambda r: r * r / math.exp(r), count, (-half, half), 240)


def log_polynomial(count):
    """(log(u) - q) / q^3 in powers of q^2, u = (2 + q) / (2 - q), for 1/2 <= u <= 2, error relative to log(u)."""
    logarithm = lambda q: 2 * mp.atanh(q / 2)
    function = lambda z: (logarithm(mp.sqrt(z)) - mp.sqrt(z)) / mp.sqrt(z) ** 3 if z else mp.mpf(1) / 12
    weight = lambda z: z**1.5 / (2 * math.atanh(math.sqrt(z) / 2)) if z else 0.0
    return polynomial(function, weight, count, (0.0, 4 / 9 * (1 + 2.0**-14)), 240)


TANH_RATE = 2.8
TANH_LARGEST = 23


def tanh_weight(q):
    """Error of tanh |x| caused by an error in (tanh(r) / r - 1) / r^2, r = sqrt(q).

    n = 0: relative to r. n > 0: with T = 2^-n the derivative of tanh |x| by
    tanh(r) is 4 T / ((1 + T) + t (1 - T))^2, relative to tanh |x|. The same r
    occurs with several n, because tanh.cpp takes n from a rate a little below
    2 / ln 2: the largest counts.
    """
    r = math.sqrt(q)
    largest = 0.0
    for n in range(TANH_LARGEST + 1):
        if r <= (n + 0.5) / TANH_RATE - n * math.log(2) / 2:
            T = 2.0**-n
            minus, plus = 1 - T, 1 + T
            largest = max(largest, r * r if n == 0 else r**3 * 4 * T / ((minus + r * plus) * (plus + r * minus)))
    return largest


def tanh_polynomial():
    function = lambda q: (mp.tanh(mp.sqrt(q)) / mp.sqrt(q) - 1) / q if q else -mp.mpf(1) / 3
    return polynomial(function, tanh_weight, 3, (0.0, 0.3**2), 300)


def split(value):
    """value as float32 head + float32 tail."""
    head = float(np.float32(float(value)))
    return head, float(np.float32(float(value - mp.mpf(head))))


def literal(value):
    mantissa, exponent = float(value).hex().split("p")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}p{int(exponent)}f"


def scalar(name, value):
    return f"inline constexpr float {name} = {literal(value)};"


def array(name, values):
    lines, line = [], ""
    for item in (literal(v) for v in values):
        if len(line) + len(item) > 90:
            lines.append(line.rstrip())
            line = ""
        line += item + ", "
    lines.append(line.rstrip(" ,"))
    return f"inline constexpr std::array {name}{{\n" + "\n".join("    " + text for text in lines) + "};"


def said(bound):
    return f"2^{math.log2(bound):.1f}"


def exp_table():
    head, tail = split(LN2)
    parts = [scalar("log2_e", split(1 / LN2)[0]), scalar("ln2_head", head), scalar("ln2_tail", tail)]
    for name, count in (("exp_exact", 6), ("exp_near", 5), ("exp_fast", 4)):
        c, bound = exp_polynomial(count)
        parts.append(
            f"\n// (exp(r) - 1 - r) / r^2 in powers of r for |r| <= ln(2) / 2; error of exp(r) {said(bound)}."
        )
        parts.append(array(name, c))
    return parts


def log_table():
    c, bound = log_polynomial(5)
    return [
        "// (log(u) - q) / q^3 in powers of q^2, q = 2 (u - 1) / (u + 1), for 1/2 <= u <= 2;",
        f"// error of log(u) {said(bound)}.",
        array("log_exact", c),
    ]


def tanh_table():
    c, bound = tanh_polynomial()
    return [
        scalar("tanh_rate", np.float32(TANH_RATE)),
        f"inline constexpr int tanh_largest = {TANH_LARGEST};",
        "\n// (tanh(r) / r - 1) / r^2 in powers of r^2, weighted as scripts/derive_constants.py",
        f"// says; error of tanh(x) {said(bound)}.",
        array("tanh_exact", c),
    ]


def sixth_table():
    head, tail = split(mp.mpf(1) / 6)
    return [scalar("sixth_head", head), scalar("sixth_tail", tail)]


def octaves(order):
    """Every 16th float32 of [1, 2^order), over which (exponents mod order) the start of a root repeats itself."""
    return np.arange(0x3F800000, 0x3F800000 + (order << 23), 16, dtype=np.uint32).view(np.float32)


def root_start(order, bits, d, magic):
    """Kiln's r near d^(-1/order), of so many bits."""
    near = np.uint32(magic) - (d.view(np.uint32) >> np.uint32(order.bit_length() - 1))
    return (near & np.uint32(0x100000000 - (1 << (24 - bits)))).view(np.float32)


def residual(order, d, r):
    return 1 - d.astype(np.float64) * r.astype(np.float64) ** order


def root_magic(order, bits):
    """The magic number whose start has the least largest |1 - d r^order|."""
    d = octaves(order)[::64]
    at = lambda magic: np.max(np.abs(residual(order, d, root_start(order, bits, d, magic))))
    centre, step = 0x3F800000 // order * (order + 1), 0x8000
    best = min(range(centre - 0x400000, centre + 0x40000, step), key=at)
    while step > 1:
        step //= 2
        best = min((best - step, best, best + step), key=at)
    return best


def root_table():
    parts = []
    for name, order, bits, power, count in (("half", 2, 12, 0.5, 5), ("fourth", 4, 8, 0.75, 6)):
        magic = root_magic(order, bits)
        h = residual(order, octaves(order), root_start(order, bits, octaves(order), magic))
        rest = lambda v: ((1 - v) ** -mp.mpf(power) - 1) / v if v else power
        c, bound = polynomial(rest, abs, count, (h.min(), h.max()), 240)
        parts += [
            f"{chr(10) if parts else ''}// r near d^(-1/{order}): the float32 of bits {name}_magic - bits(d) / {order}, cut to {bits} bits; h = 1 - d r^{order}.",
            f"// ((1 - h)^-{power} - 1) / h in powers of h for {h.min():.4f} <= h <= {h.max():.4f}; error of d^-{power} {said(bound)}.",
            f"inline constexpr unsigned {name}_magic = 0x{magic:08x};",
            f"inline constexpr unsigned {name}_mask = 0x{0x100000000 - (1 << (24 - bits)):08x};",
            array(f"{name}_rest", c),
        ]
    return parts


TABLES = {"exp": exp_table, "log": log_table, "tanh": tanh_table, "sixth": sixth_table, "root": root_table}


def header(parts):
    include = ["#include <array>", ""] if any("std::array" in p for p in parts) else []
    return "\n".join(
        ["#pragma once", "", "// Printed by scripts/derive_constants.py; not to be edited.", "// clang-format off", ""]
        + include
        + ["namespace kiln::constants {", ""]
        + parts
        + ["", "}  // namespace kiln::constants", ""]
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", nargs="?", choices=TABLES)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    wrong = 0
    for name, derive in TABLES.items():
        if options.table not in (None, name):
            continue
        parts = derive()
        path = TREE / f"{name}_constants.h"
        if options.write:
            path.write_text(header(parts))
        elif options.check:
            same = path.exists() and path.read_text() == header(parts)
            wrong += not same
            print(f"{path}: {'as derived' if same else 'NOT as derived'}")
        elif options.table:
            print(header(parts), end="")
        else:
            print(f"{name}:")
            for part in parts:
                if part.strip().startswith("//"):
                    print("   ", part.strip().lstrip("/ "))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
