#pragma once

#include "coarse.h"
#include "exp.h"
#include "quotient.h"

namespace kiln {

// sigmoid(x) = S / (S + exp(-r)) for x = n ln 2 + r and S = 2^n: neither exp(x)
// nor exp(-x) is formed, so nothing overflows or underflows. Both S and
// exp(-r) are taken times A = 2^32, which keeps S normal down to n = -158.
inline constexpr float sigmoid_scale = 0x1p32f;

struct SigmoidParts {
  Real S;    // A S
  Pair sum;  // A S + A exp(-r)
};

// The sum is A S + A - A head + A rest. What its rounding lost is collected in
// an order in which every step is exact for -24 <= n <= 24; outside, S or 1 is
// below the last place of the other and may go, at a cost of 0.36 ULP for the
// three or four n next to the limit.
inline SigmoidParts sigmoid_parts(const Real &x) {
  const Real A(sigmoid_scale);
  const Reduced r = reduce(x, constants::log2_e, 1.0f, exponent_of(32));
  const Real rest = exp_minus_rest(r);
  const Real S = power_of_two(r.n_bits);
  const Real sum = fma(r.head - rest, -A, S + A);
  const Real low = fma(rest, A, fma(r.head, -A, (A - sum) + S));
  return {S, {sum, low}};
}

struct FastSigmoidParts {
  Real S;
  Real sum;
};

inline FastSigmoidParts fast_sigmoid_parts(const Real &x) {
  const Reduced r = reduce(x, constants::log2_e, 1.0f, exponent_of(32));
  const Real S = power_of_two(r.n_bits);
  return {S, fma(exp_minus_fast(r), sigmoid_scale, S)};
}

// S / (S + exp(-r)) for x >= -125, without a division.
inline Real coarse_sigmoid(const Real &x) {
  const CoarseReduced r = coarse_reduce(at_most(x, 17.4f), exponent_of(32));
  const Real S = power_of_two(r.n_bits);
  return coarse_inverse(fma(coarse_exp2_minus(r.rest), sigmoid_scale, S)) * S;
}

}  // namespace kiln
