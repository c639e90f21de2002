#include "../math/fast_slope.h"
#include "../math/slope.h"
#include "pointwise.h"

namespace kiln::pointwise {

// tanh'(x) = 4 sigmoid'(2 x), of -|2 x|: see slope.h.
Result tanh_backward(Real grad_output, Real x, Accuracy accuracy) {
  const Real twice = abs(x) * Real(-2.0f);
  if (is_fast(accuracy))
    return fast_product(grad_output, fast_sigmoid_slope(at_least(twice, -106.5f), fast_slope_scale + 2));
  const SlopeParts p = slope_parts(at_least(twice, slope_least));
  const Pair f = with_inner(sigmoid_slope(p), p.power);
  const Rounded gradient = product(with_outer(grad_output, p.power), Pair{f.high * Real(4.0f), f.low * Real(4.0f)});
  return {gradient, !is_nan(gradient.value) && !infinity_meets_zero(grad_output, x)};
}

}  // namespace kiln::pointwise
