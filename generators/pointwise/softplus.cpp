#include "../math/exp.h"
#include "../math/log.h"
#include "pointwise.h"

namespace kiln::pointwise {

// log(1 + exp(x)) = max(x, 0) + log(1 + t) with t = exp(-|x|), which is at most 1.
//
// -|x| = n ln 2 + r gives t = 2^n exp(r), taken times 2^64 so that its low part is
// normal too, down to n = -151. exp(-105) < 2^-150 is the limit: the result there
// and for -inf is 0. From x = 14.6 on the nearest float32 is x. Beyond PyTorch's
// threshold, 20, x is selected: for +inf the sum's error would be inf - inf.
Result softplus(Real x, Accuracy) {
  const float scale = 0x1p64f;
  const Reduced r = reduce(at_least(-abs(x), -105.0f), constants::log2_e, 1.0f, exponent_of(64));
  const Real S = power_of_two(r.n_bits);
  const Pair e = exp_pair(r, constants::exp_exact);
  const Rounded inside = add_log1p(at_least(x, -0.0f), Pair{S * e.high, S * e.low}, scale);
  return Rounded{select(exceeds(x, 20.0f), x, inside.value), inside.rest};
}

}  // namespace kiln::pointwise
