#include "../math/fast_slope.h"
#include "../math/slope.h"
#include "pointwise.h"

namespace kiln::pointwise {

// tanh'(x) = 4 sigmoid'(2 x), of -|2 x|.
Result tanh_backward(Real grad_output, Real x, Accuracy accuracy) {
  const Real twice = abs(x) * Real(-2.0f);
  if (is_fast(accuracy))
    return fast_product(grad_output, fast_sigmoid_slope(at_least(twice, -106.5f), fast_slope_scale + 2));
  const Rounded gradient = product(grad_output, sigmoid_slope(twice) * 4.0);
  return {gradient, !is_nan(gradient.value) && !infinity_meets_zero(grad_output, x)};
}

}  // namespace kiln::pointwise
