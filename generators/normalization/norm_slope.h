// How a norm changes with one of its values, by the quotient y = x / norm: sign(x) |y|^(p - 1) for the p-norm, and 0
// where x is 0, as PyTorch has it.
#pragma once

#include "normalization/power.h"

namespace kiln {

enum class Slope {
  line,   // y: p = 2, and what all other normalizations subtract
  sign,   // p = 1
  peak,   // infinite p: the sign, of values that have the norm's magnitude
  power,  // any other p
};

inline Real sign_of(const Real &x) {
  return select(bits(abs(x)) == word32(0), Real(0.0f), select(is_nan(x), x, with_sign(Real(1.0f), x)));
}

inline Real slope_of(Slope slope, const Real &x, const Real &y, const Real &norm, const Float64 &p) {
  if (slope == Slope::line) return y;
  if (slope == Slope::sign) return sign_of(x);
  if (slope == Slope::peak) return select(bits(abs(x)) == bits(norm), sign_of(x), Real(0.0f));
  const Real magnitude = abs(y);
  const Expr zero = bits(abs(x)) == word32(0), rising = p > 1.0;
  const Expr vanishes = bits(magnitude) == word32(0), ordinary = !vanishes && is_finite(y);
  const Float64 base = select(ordinary, f64(magnitude), 1.0);
  const Real power = f32(exp2_64((p - 1.0) * log2_64(base)));
  const Real beyond =
      select(vanishes == rising, Real(0.0f), from_bits(word32(0x7f800000u)));  // of a zero or an infinite quotient
  const Real of_magnitude = select(is_nan(y), y, select(ordinary, power, beyond));
  return select(zero, Real(0.0f), with_sign(of_magnitude, x));
}

}  // namespace kiln
