#include "../math/slope.h"
#include "pointwise.h"

namespace kiln::pointwise {

// 1/6 between -3 and 3, and 0 elsewhere, whatever grad_output is, and where x is NaN: as PyTorch has it.
Result hardsigmoid_backward(Real grad_output, Real x, Accuracy) {
  const Rounded gradient = product(grad_output, Float64(1.0 / 6.0));
  const Halide::Expr inside = bits(abs(x)) < bits(Real(3.0f));
  return Rounded{from_bits(Halide::select(inside, bits(gradient.value), word32(0))), gradient.rest};
}

}  // namespace kiln::pointwise
