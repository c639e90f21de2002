// log2, exp2 and powers in float64, by IEEE operations alone.
#pragma once

#include "math/float64.h"

namespace kiln {

// log2 of a positive normal float64: error below 2e-13 absolute near 1, below 1e-15 relative far from it.
// x = 2^e m with m in [sqrt(1/2), sqrt(2)), and log(m) = 2 atanh(s) with s = (m - 1) / (m + 1), s^2 < 0.0295.
inline Float64 log2_64(const Float64 &value) {
  return named(value, [](const Float64 &x) {
    const Expr root_half(int64_t{0x3fe6a09e667f3bcd});
    const Expr e = Halide::cast<int>((word(x) - root_half) >> 52);
    const auto series = [](const Float64 &s) {
      return named(s * s, [&](const Float64 &z) {
        Float64 p = 1.0 / 19;
        for (int k = 17; k >= 1; k -= 2) p = p * z + 1.0 / k;
        return s * p;
      });
    };
    const auto quotient = [](const Float64 &m) { return (m - 1.0) / (m + 1.0); };
    const Float64 m = from_word(word(x) - (Halide::cast<int64_t>(e) << 52));
    const double two_over_ln2 = 2.8853900817779268;
    return f64(e) + named(named(m, quotient), series) * two_over_ln2;
  });
}

// 2^x: relative error below 1e-14; 0 below -1000, 2^1000 above 1000.
// x = n + f with |f| <= 1/2, and exp(f ln 2) by its series, whose 14th term is below 1e-17.
inline Float64 exp2_64(const Float64 &value) {
  const auto series = [](const Float64 &t) {
    double inverse_factorial[14] = {1.0};
    double factorial = 1.0;
    for (int k = 1; k < 14; k++) inverse_factorial[k] = 1.0 / (factorial *= k);
    Float64 p = inverse_factorial[13];
    for (int k = 12; k >= 0; k--) p = p * t + inverse_factorial[k];
    return p;
  };
  const auto limited_power = [&](const Float64 &x) {
    const Float64 magic = 0x1.8p52;  // adding it rounds to an integer
    return named((x + magic) - magic, [&](const Float64 &n) {
      return named((x - n) * 0.69314718055994531, series) * two_to_64(Halide::cast<int>(n.expr()));
    });
  };
  return named(value, [&](const Float64 &x) {
    const Float64 limit = 1000.0;
    const Expr low = x < -1000.0;
    return select(low, 0.0, named(select(x > limit, limit, select(low, -1000.0, x)), limited_power));
  });
}

// Whether a number is whole, and odd: by its bits, which a device may be asked for too where they are a parameter's.
struct Parity {
  Expr whole, odd;
};
inline Parity parity_of(const Float64 &x) {
  const Expr fraction = word((int64_t{1} << 52) - 1), exponent = exponent64(x);
  const Expr shift = Halide::cast<int64_t>(52 - Halide::clamp(exponent, 0, 52));
  const Expr digits = (word(x) & fraction) | word(int64_t{1} << 52), below = digits & ((word(1) << shift) - word(1));
  const Expr whole = magnitude_word(x) == word(0) || (exponent >= 0 && below == word(0));
  return {whole, exponent >= 0 && exponent <= 52 && below == word(0) && ((digits >> shift) & word(1)) == word(1)};
}

// base^exponent, as C's pow has it: a negative base has a power where the exponent is whole. usual(x) is x^exponent of
// an ordinary x above 0.
template <class Usual>
Float64 power_as_pow(const Float64 &base, const Float64 &exponent, const Usual &usual) {
  const Float64 zero = 0.0, one = 1.0, extent = from_word(magnitude_word(base));
  const Expr infinite = magnitude_word(base) == word(infinity64()), negative = base < zero;
  const Expr ordinary = extent > zero && !infinite && extent != one;
  const Float64 at_zero = select(exponent > zero, zero, infinity64()),
                at_infinity = select(exponent > zero, infinity64(), zero);
  const Parity parity = parity_of(exponent);
  const Float64 of_ordinary = usual(select(ordinary, extent, 2.0));
  const Float64 of_extent =
      select(extent == zero, at_zero, select(infinite, at_infinity, select(extent == one, one, of_ordinary)));
  return named(of_extent, [&](const Float64 &y) {
    const Float64 with_sign =
        select(negative && parity.odd, kiln::negative(y), select(negative && !parity.whole && !infinite, nan64(), y));
    return select(exponent == zero, one, select(is_nan64(base) || is_nan64(exponent), nan64(), with_sign));
  });
}

}  // namespace kiln
