// Fast gradients of elementwise operators: grad_output times the derivative in one float32.
#pragma once

#include <cmath>

#include "exp.h"

namespace kiln {

// 2^n is taken times 2^32, which keeps it normal where the derivative is subnormal; the derivative that comes of it is
// brought back at the end.
inline constexpr int fast_slope_scale = 32;

inline Real without_scale(int scale) { return std::ldexp(1.0f, -scale); }

// sigmoid'(x) 2^scale = S exp(-r) / (S 2^-scale + exp(-r))^2 for x = n ln 2 + r and S = 2^(n + scale), x from -107 to
// 0. The scale may have in it what the derivative is to be multiplied by.
inline Real fast_sigmoid_slope(const Real &x, int scale) {
  const Reduced r = reduce(x, constants::log2_e, 1.0f, exponent_of(scale));
  const Real S = power_of_two(r.n_bits);
  const Real exp_minus = exp_minus_fast(r);
  const Real sum = fma(S, without_scale(scale), exp_minus);
  return S * (exp_minus / (sum * sum));
}

inline Real fast_product(const Real &grad_output, const Real &scaled) {
  return grad_output * (scaled * without_scale(fast_slope_scale));
}

}  // namespace kiln
