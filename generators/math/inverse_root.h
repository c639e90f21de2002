// Quotients by roots, x / d^(1/2) and x / d^(3/4), by multiplications alone: square roots and divisions take ten times
// their time, and the approximations that CPUs have differ from one another.
//
// r near d^(-1/m) comes from the bits of d, which as a number are 2^23 log2(d) to within 4 % of an octave (Blinn 1997,
// Floating-point tricks). It is cut to so few bits that its powers are exact; h = 1 - d r^m is then rounded once or
// twice, and (1 - h)^-power - 1 is a polynomial. Measured over 2^-60 <= d < 2^100, each 37th: 0.6 ULP (1/2), 1.1 ULP
// (3/4).
#pragma once

#include "math/polynomial.h"
#include "math/root_constants.h"

namespace kiln {

inline Real root_start(const Real &d, unsigned magic, unsigned shift, unsigned mask) {
  return from_bits((word32(magic) - (bits(d) >> word32(shift))) & word32(mask));
}

// x / sqrt(d) for 2^-60 <= d <= 2^100.
inline Real over_root(const Real &x, const Real &d) {
  using namespace constants;
  const Real r = root_start(d, half_magic, 1, half_mask), h = fma(-d, r * r, Real(1.0f));
  return fma(x, r, x * (r * (h * polynomial(half_rest, h))));
}

// x / d^(3/4) for 2^-60 <= d <= 2^100.
inline Real over_root_cubed(const Real &x, const Real &d) {
  using namespace constants;
  const Real r = root_start(d, fourth_magic, 2, fourth_mask), square = r * r, cube = square * r;
  const Real h = fma(-d, square * square, Real(1.0f));
  return fma(x, cube, x * (cube * (h * polynomial(fourth_rest, h))));
}

}  // namespace kiln
