#include "../math/fast_slope.h"
#include "../math/slope.h"
#include "pointwise.h"

namespace kiln::pointwise {

// sigmoid'(x) = sigmoid'(-|x|): see slope.h.
Result sigmoid_backward(Real grad_output, Real x, Accuracy accuracy) {
  if (is_fast(accuracy))
    return fast_product(grad_output, fast_sigmoid_slope(at_least(-abs(x), -105.0f), fast_slope_scale));
  const SlopeParts p = slope_parts(at_least(-abs(x), slope_least));
  const Rounded gradient = product(with_outer(grad_output, p.power), with_inner(sigmoid_slope(p), p.power));
  return {gradient, !is_nan(gradient.value) && !infinity_meets_zero(grad_output, x)};
}

}  // namespace kiln::pointwise
