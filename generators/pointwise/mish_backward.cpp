#include "../math/fast_slope.h"
#include "../math/slope.h"
#include "pointwise.h"

namespace kiln::pointwise {
namespace {

// Fast: u / v (u + 2 + 4 x (u + 1) / v), by one division, whose quotient is corrected, as its error counts twice.
// |x exp(x)| < 2^-150 from x = -109 on; at 15 the result is 1, to the last place.
Real fast_slope(const Real &x) {
  const Reduced r = reduce(x, constants::log2_e, 1.0f, exponent_of(fast_slope_scale));
  const Real scaled = power_of_two(r.n_bits) * exp_near(r);
  const Real u = scaled * without_scale(fast_slope_scale);
  const Real u_two = u + Real(2.0f);
  const Real w = u * u_two;
  const Real first = Real(1.0f) / (w + Real(2.0f));
  const Real inverse = fma(first, fma(-first, w, fma(first, -2.0f, 1.0f)), first);
  return scaled * inverse * fma(x * Real(4.0f), fma(inverse, u, inverse), u_two);
}

}  // namespace

// mish'(x) = u ((u + 2) v + 4 x (u + 1)) / v^2 for u = exp(x), v = u^2 + 2 u + 2. With x = n ln 2 + r the first u is
// taken as 2^n exp(r), see slope.h. From x = 14 on it is 1 to more places than float32 has. Near its root, -1.192,
// where the sum cancels, it is a polynomial.
//
// PyTorch's formula makes NaN of infinities.
Result mish_backward(Real grad_output, Real x, Accuracy accuracy) {
  if (is_fast(accuracy)) {
    const Real gradient = fast_product(grad_output, fast_slope(at_least(at_most(x, 15.0f), -109.0f)));
    return {gradient, !is_nan(gradient) && is_finite(x)};
  }
  const Real inside = at_least(at_most(x, 14.0f), slope_least);
  const Reduced r = reduce(inside, constants::log2_e, 1.0f, exponent_of(0));
  const SplitPower power = split_power(r.n_bits);
  const Pair e = exp_pair(r, constants::exp_exact);
  const Pair u = with_inner(e, power);
  const Pair u_one = u + Real(1.0f), u_two = u + Real(2.0f);
  const Pair v = u * u_two + Real(2.0f);
  const Pair top = e * (u_two * v + u_one * (inside * Real(4.0f)));
  const Pair f = with_inner(pair_of(divide(top, v * v).result()), power);
  const Real d = inside - Real(constants::mish_root_head);
  const Pair first{Real(constants::mish_first_head), Real(constants::mish_first_tail)};
  const Pair near = slope_near_root(d, constants::mish_root_tail, first, constants::mish_rest);
  const Rounded gradient =
      product(with_outer(grad_output, power), select(exceeds(abs(d), constants::slope_reach), f, near));
  return {gradient, !is_nan(gradient.value) && is_finite(x)};
}

}  // namespace kiln::pointwise
