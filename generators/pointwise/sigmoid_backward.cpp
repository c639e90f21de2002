#include "../math/fast_slope.h"
#include "../math/slope.h"
#include "pointwise.h"

namespace kiln::pointwise {

Result sigmoid_backward(Real grad_output, Real x, Accuracy accuracy) {
  if (is_fast(accuracy))
    return fast_product(grad_output, fast_sigmoid_slope(at_least(-abs(x), -105.0f), fast_slope_scale));
  const Rounded gradient = product(grad_output, sigmoid_slope(-abs(x)));
  return {gradient, !is_nan(gradient.value) && !infinity_meets_zero(grad_output, x)};
}

}  // namespace kiln::pointwise
