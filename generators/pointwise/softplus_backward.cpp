#include "../math/slope.h"
#include "pointwise.h"

namespace kiln::pointwise {

// softplus'(x) = sigmoid(x) = u / (u + 1) for u = exp(x); beyond PyTorch's threshold, 20, it is 1.
Result softplus_backward(Real grad_output, Real x, Accuracy) {
  const Float64 u = Exponential(f64(at_least(at_most(x, 20.0f), slope_least))).value();
  const Rounded gradient = product(grad_output, u / (u + 1.0));
  const Halide::Expr linear = exceeds(x, 20.0f);
  const Real value = select(linear, grad_output, gradient.value);
  return {Rounded{value, gradient.rest}, !is_nan(value) && (linear || !infinity_meets_zero(grad_output, x))};
}

}  // namespace kiln::pointwise
