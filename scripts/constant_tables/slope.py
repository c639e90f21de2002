"""What slope_constants.h holds: gradients of activations are computed in float64."""
import mpmath as mp

from .text import array64, said, scalar64

LN2 = mp.log(2)
REACH = 0.5  # of a fraction of log2, and a little for its rounding
DEGREE = 6


def silu_root():
    """Where silu'(x) = u (1 + u + x) / (1 + u)^2 is 0, u = exp(x)."""
    return mp.findroot(lambda x: 1 + mp.exp(x) + x, -1.28)


def mish_root():
    """Where mish'(x) = u T / (u^2 + 2 u + 2)^2 is 0."""
    return mp.findroot(lambda x: mish_top(mp.exp(x), x), -1.19)


def mish_top(u, x):
    return (u + 2) * (u * u + 2 * u + 2) + 4 * x * (u + 1)


def exp2_fraction():
    """(2^f - 1) / f for |f| <= 1/2, lowest degree first, and the largest error of 2^f."""
    function = lambda f: mp.expm1(f * LN2) / f if f else LN2
    reach = REACH * (1 + 2.0**-20)
    c = [mp.mpf(float(v)) for v in mp.chebyfit(function, [-reach, reach], DEGREE + 1)]
    grid = [reach * mp.cos(mp.pi * k / 2000) for k in range(2001)]
    bound = max(abs(f * (mp.polyval(c, f) - function(f))) * 2**-f for f in grid)
    return c[::-1], bound


def slope_table():
    c, bound = exp2_fraction()
    root, other = silu_root(), mish_root()
    u = mp.exp(other)
    return [
        scalar64("log2_e_64", 1 / LN2),
        f"\n// (2^f - 1) / f in powers of f for |f| <= {REACH}; error of 2^f {said(bound)}.",
        array64("exp2_fraction", c),
        "\n// silu' is 0 at root; exp of it.",
        scalar64("silu_root", root),
        scalar64("silu_exp_root", mp.exp(root)),
        "\n// mish' is 0 at root; u is exp of it. (u + 2) (u^2 + 2 u + 2) + 4 x (u + 1) in powers of what u and x exceed",
        "// these by, D and d: D (first + D (second + D) + 4 d) + across d.",
        scalar64("mish_root", other),
        scalar64("mish_exp_root", u),
        scalar64("mish_first", 3 * u * u + 8 * u + 6 + 4 * other),
        scalar64("mish_second", 3 * u + 4),
        scalar64("mish_across", 4 * (u + 1)),
    ]
