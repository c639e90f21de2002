// What fast kernels compute by whose results have 16 bits: relative errors near 2^-13, where half of float16's last place
// is at least 2^-12. Nothing is divided: CPUs that do all else in 512 bits at once take 16 cycles for a vector's quotients.
#pragma once

#include "coarse_constants.h"
#include "exp.h"

namespace kiln {

// 1 / b for b from 2^-125 to 2^125. The float32 whose bits are magic - bits(b) is near it, as bits go with the logarithm
// (Blinn, "Floating-point tricks", 1997); t = b near is near 1, and a polynomial in t stands for 1 / t.
inline Real coarse_inverse(const Real &b) {
  const Real near = from_bits(word32(constants::inverse_magic) - bits(b));
  return near * polynomial(constants::inverse_rest, b * near);
}

// e^x = 2^n 2^rest and |rest| <= 1/2, up to roundings.
struct CoarseReduced {
  Halide::Expr n_bits;  // as in Reduced
  Real rest;
};

inline CoarseReduced coarse_reduce(const Real &x, int offset) {
  const float rounder = rounder_to(offset);
  const Real shifted = fma(x, constants::log2_e, rounder);
  return {bits(shifted), fma(x, constants::log2_e, -(shifted - Real(rounder)))};
}

// 2^r and 2^-r.
inline Real coarse_exp2(const Real &r) { return polynomial(constants::exp2_coarse, r); }
inline Real coarse_exp2_minus(const Real &r) { return polynomial(alternating(constants::exp2_coarse), r); }

}  // namespace kiln
