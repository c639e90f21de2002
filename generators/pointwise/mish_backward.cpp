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

// mish'(x) = u ((u + 2) v + 4 x (u + 1)) / v^2 for u = exp(x), v = u^2 + 2 u + 2. What v^2 stands under is 0 at the
// root, -1.192: it is computed from what x and u have grown from there (slope_constants.h). From x = 14 on the
// derivative is 1 to more places than float32 has.
//
// PyTorch's formula makes NaN of infinities.
Result mish_backward(Real grad_output, Real x, Accuracy accuracy) {
  if (is_fast(accuracy)) {
    const Real gradient = fast_product(grad_output, fast_slope(at_least(at_most(x, 15.0f), -109.0f)));
    return {gradient, !is_nan(gradient) && is_finite(x)};
  }
  const Float64 from_root = f64(at_least(at_most(x, 14.0f), slope_least)) - constants::mish_root;
  const Exponential grown(from_root);
  const Float64 u = grown.value() * constants::mish_exp_root, v = u * (u + 2.0) + 2.0;
  const Float64 of_u = grown.less_one() * constants::mish_exp_root;
  const Float64 slope = of_u * (of_u + constants::mish_second) + from_root * 4.0 + constants::mish_first;
  const Float64 top = of_u * slope + from_root * constants::mish_across;
  const Rounded gradient = product(grad_output, u * top / (v * v));
  return {gradient, !is_nan(gradient.value) && is_finite(x)};
}

}  // namespace kiln::pointwise
