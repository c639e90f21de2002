#include "../math/sigmoid_parts.h"
#include "pointwise.h"

namespace kiln::pointwise {

// S / (S + exp(-r)), see sigmoid_parts.h. The limits are past the last x whose
// result is neither 0 nor 1: 2^-150 = exp(-103.97), 2^-25 = exp(-17.33).
Result sigmoid(Real x, Accuracy accuracy) {
  if (accuracy == Accuracy::coarse) return coarse_sigmoid(at_least(x, -105.0f));
  const Real inside = at_least(at_most(x, 17.4f), -105.0f);
  if (accuracy == Accuracy::fast) {
    const FastSigmoidParts p = fast_sigmoid_parts(inside);
    return p.S / p.sum;
  }
  const SigmoidParts p = sigmoid_parts(inside);
  return divide_positive(p.S, p.sum);
}

}  // namespace kiln::pointwise
