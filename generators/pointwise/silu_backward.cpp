#include "../math/fast_slope.h"
#include "../math/slope.h"
#include "pointwise.h"

namespace kiln::pointwise {
namespace {

// Fast: sigmoid(x) (1 + x (1 - sigmoid(x))), by one division. |x exp(x)| < 2^-150 from x = -109 on.
Real fast_slope(const Real &x) {
  const Reduced r = reduce(x, constants::log2_e, 1.0f, exponent_of(fast_slope_scale));
  const Real S = power_of_two(r.n_bits);
  const Real exp_minus = exp_minus_near(r);
  const Real inverse = Real(1.0f) / fma(S, without_scale(fast_slope_scale), exp_minus);
  return S * inverse * fma(x, exp_minus * inverse, 1.0f);
}

}  // namespace

// silu'(x) = sigmoid(x) (1 + x (1 - sigmoid(x))) = S (S + E + x E) / (S + E)^2 for x = n ln 2 + r, S = 2^n and
// E = exp(-r), see slope.h. From x = 30 on it is 1 to far more places than float32 has. Near its root, -1.278, where
// the sum cancels, it is a polynomial.
//
// PyTorch's formula makes NaN of infinities.
Result silu_backward(Real grad_output, Real x, Accuracy accuracy) {
  if (is_fast(accuracy)) {
    const Real gradient = fast_product(grad_output, fast_slope(at_least(at_most(x, 30.0f), -109.0f)));
    return {gradient, !is_nan(gradient) && is_finite(x)};
  }
  const Real inside = at_least(at_most(x, 30.0f), slope_least);
  const SlopeParts p = slope_parts(inside);
  const Pair top = p.sum + p.exp_minus * inside;
  const Pair f = with_inner(pair_of(divide(top, p.sum * p.sum).result()), p.power);
  const Real d = inside - Real(constants::silu_root_head);
  const Pair first{Real(constants::silu_first_head), Real(constants::silu_first_tail)};
  const Pair near = slope_near_root(d, constants::silu_root_tail, first, constants::silu_rest);
  const Rounded gradient =
      product(with_outer(grad_output, p.power), select(exceeds(abs(d), constants::slope_reach), f, near));
  return {gradient, !is_nan(gradient.value) && is_finite(x)};
}

}  // namespace kiln::pointwise
