#include "../math/sixth_constants.h"
#include "pointwise.h"

namespace kiln::pointwise {

// clamp(x, -3, 3) / 6 + 1/2 = (3 + x) / 6, with the rounding error of 3 + x and
// that of 1/6 carried to the last fma.
//
// Of 16 bits: none of the real results lies so near to where rounding changes that
// either error matters.
Result hardsigmoid(Real x, Accuracy accuracy) {
  if (accuracy == Accuracy::exact_narrow) return (at_least(at_most(x, 3.0f), -3.0f) + 3.0f) * Real(constants::sixth_head);
  const Real inside = at_least(at_most(x, 3.0f), -3.0f);
  const Real sum = inside + 3.0f;
  const Real lost = inside - (sum - 3.0f);
  return fma(sum, constants::sixth_head, fma(sum, constants::sixth_tail, lost * constants::sixth_head));
}

}  // namespace kiln::pointwise
