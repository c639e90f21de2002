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

// silu'(x) = sigmoid(x) (1 + x (1 - sigmoid(x))) = u (1 + u + x) / (1 + u)^2 for u = exp(x). 1 + u + x is 0 at the
// root, -1.278: it is what x and u have grown from there, which have one sign below and above. From x = 30 on the
// derivative is 1 to far more places than float32 has.
//
// PyTorch's formula makes NaN of infinities.
Result silu_backward(Real grad_output, Real x, Accuracy accuracy) {
  if (is_fast(accuracy)) {
    const Real gradient = fast_product(grad_output, fast_slope(at_least(at_most(x, 30.0f), -109.0f)));
    return {gradient, !is_nan(gradient) && is_finite(x)};
  }
  const Float64 from_root = f64(at_least(at_most(x, 30.0f), slope_least)) - constants::silu_root;
  const Exponential grown(from_root);
  const Float64 u = grown.value() * constants::silu_exp_root, sum = u + 1.0;
  const Float64 top = from_root + grown.less_one() * constants::silu_exp_root;
  const Rounded gradient = product(grad_output, u * top / (sum * sum));
  return {gradient, !is_nan(gradient.value) && is_finite(x)};
}

}  // namespace kiln::pointwise
