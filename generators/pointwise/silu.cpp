#include "../math/sigmoid_parts.h"
#include "pointwise.h"

namespace kiln::pointwise {

// x sigmoid(x) = x S / (S + exp(-r)), see sigmoid_parts.h: x S is exact, and
// normal even where S, and so sigmoid(x), is too small for a float32.
//
// |x exp(x)| < 2^-150 from x = -108.7 on. From x = 20 on the result is x; the
// quotient, which x S may overflow, is not used there.
// -inf gives NaN: an infinity times zero, which coarse_sigmoid(-109) is.
Result silu(Real x, Accuracy accuracy) {
  const Real inside = at_least(x, -109.0f);
  if (accuracy == Accuracy::coarse) return x * coarse_sigmoid(inside);
  if (accuracy == Accuracy::fast) {
    const FastSigmoidParts p = fast_sigmoid_parts(inside);
    return {select(exceeds(x, 20.0f), x, inside * p.S / p.sum), exceeds_minus_infinity(x)};
  }
  const SigmoidParts p = sigmoid_parts(inside);
  const Rounded quotient = divide(inside * p.S, p.sum).result();
  return {Rounded{select(exceeds(x, 20.0f), x, quotient.value), quotient.rest}, exceeds_minus_infinity(x)};
}

}  // namespace kiln::pointwise
