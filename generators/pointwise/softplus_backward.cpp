#include "../math/slope.h"
#include "pointwise.h"

namespace kiln::pointwise {

// softplus'(x) = sigmoid(x) = S / (S + exp(-r)), see slope.h; beyond PyTorch's threshold, 20, it is 1.
Result softplus_backward(Real grad_output, Real x, Accuracy) {
  const SlopeParts p = slope_parts(at_least(at_most(x, 20.0f), slope_least));
  const Pair inverse = pair_of(divide_positive(Real(1.0f), p.sum));
  const Rounded gradient = product(with_outer(grad_output, p.power), with_inner(inverse, p.power));
  const Halide::Expr linear = exceeds(x, 20.0f);
  const Real value = select(linear, grad_output, gradient.value);
  return {Rounded{value, gradient.rest}, !is_nan(value) && (linear || !infinity_meets_zero(grad_output, x))};
}

}  // namespace kiln::pointwise
