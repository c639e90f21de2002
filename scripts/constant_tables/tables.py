"""What the tables hold: functions, the weights of their errors, intervals; each table as the lines of its header."""
import math

import mpmath as mp
import numpy as np

from .fit import grid, least_maximum, polynomial
from .slope import slope_table
from .text import array, said, scalar

LN2 = mp.log(2)


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


def inverse_start(b, magic):
    """Kiln's number near 1 / b, times b."""
    return root_start(1, 24, b, magic).astype(np.float64) * b


def inverse_magic(b):
    """The magic number whose starts differ least among themselves."""

    def spread(magic):
        t = inverse_start(b, magic)
        return t.max() / t.min()

    return min(range(0x7E800000, 0x7F000000, 0x1000), key=spread)


def tanh_fraction(largest, degree):
    """P and Q with tanh(x) near x P(x^2) / Q(x^2) to the largest x, Q(0) = 1; and the largest relative error.

    Each fit is linear in both, weighted by the Q of the one before (Loeb 1957).
    """
    u = grid(0.0, largest**2, 600)
    f = np.array([float(mp.tanh(mp.sqrt(v)) / mp.sqrt(v)) if v else 1.0 for v in u])
    powers = u[:, None] ** np.arange(degree + 1)
    q = np.ones_like(u)
    for _ in range(40):
        columns = np.hstack([powers, -f[:, None] * powers[:, 1:]]) / (f * q)[:, None]
        c = least_maximum(columns, 1 / q)
        q = powers @ np.append(1.0, c[degree + 1 :])
    top, bottom = np.float32(c[: degree + 1]), np.float32(np.append(1.0, c[degree + 1 :]))
    return top, bottom, np.max(np.abs(powers @ top / (powers @ bottom) / f - 1))


TANH_COARSE_LARGEST = 4.6


def coarse_table():
    exp2, exp2_bound = polynomial(lambda r: mp.mpf(2) ** r, lambda r: 2.0**-r, 4, (-0.5001, 0.5001), 240)
    b = octaves(1)
    magic = inverse_magic(b)
    t = inverse_start(b, magic)
    inverse, inverse_bound = polynomial(lambda v: 1 / v, abs, 2, (t.min(), t.max()), 240)
    top, bottom, tanh_bound = tanh_fraction(TANH_COARSE_LARGEST, 2)
    return [
        f"// 2^r in powers of r for |r| <= 1/2; error {said(exp2_bound)}.",
        array("exp2_coarse", exp2),
        "\n// near = the float32 of bits inverse_magic - bits(b), t = b near.",
        f"// 1 / t in powers of t for {t.min():.4f} <= t <= {t.max():.4f}; error {said(inverse_bound)}.",
        f"inline constexpr unsigned inverse_magic = 0x{magic:08x};",
        array("inverse_rest", inverse),
        f"\n// tanh(x) / x = top / bottom in powers of x^2 up to the largest x; error {said(tanh_bound)}.",
        scalar("tanh_coarse_largest", np.float32(TANH_COARSE_LARGEST)),
        array("tanh_coarse_top", top),
        array("tanh_coarse_bottom", bottom),
    ]


TABLES = {
    "coarse": coarse_table,
    "exp": exp_table,
    "log": log_table,
    "tanh": tanh_table,
    "sixth": sixth_table,
    "root": root_table,
    "slope": slope_table,
}
