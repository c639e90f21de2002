#include "../math/coarse.h"
#include "../math/exp.h"
#include "../math/quotient.h"
#include "../math/tanh_constants.h"
#include "pointwise.h"

namespace kiln::pointwise {

// |x| = n ln(2)/2 + r and t = tanh(r) give, with T = 2^-n,
//   tanh |x| = ((1 - T) + t (1 + T)) / ((1 + T) + t (1 - T)).
// From |x| = 9.1 on both accuracies give 1.
//
// n comes from 2.8 |x|, not 2 |x| / ln 2 = 2.885 |x|: n = 1 then starts where
// the quotient's top is at least 1/4, half of 1 - T, and the difference below is
// exact. It ends at 23, so that 1 - T and 1 + T are exact: r grows to 1 there, but
// an error in t counts for 2^-22 of its size.
//
// Coarse: x P(x^2) / Q(x^2) up to 4.6, from where on the nearest number of 16 bits is 1.
Result tanh(Real x, Accuracy accuracy) {
  if (accuracy == Accuracy::coarse) {
    const float one = constants::tanh_coarse_largest;
    const Real inside = at_least(at_most(x, one), -one);
    const Real square = inside * inside;
    const Real bottom = polynomial(constants::tanh_coarse_bottom, square);
    return inside * (polynomial(constants::tanh_coarse_top, square) * coarse_inverse(bottom));
  }
  const bool fast = accuracy == Accuracy::fast;
  const Reduced r = reduce(at_most(abs(x), 9.11f), constants::tanh_rate, 2.0f, 0, fast ? 0 : constants::tanh_largest);
  const Real T = inverse_power_of_two(r.n_bits);
  const Real minus = Real(1.0f) - T;
  const Real plus = Real(1.0f) + T;
  const Real square = r.head * r.head;
  const Real cube = square * r.head;
  const Real series = polynomial(constants::tanh_exact, square);
  if (fast) {
    const Real t = fma(cube, series, r.head);
    return with_sign(fma(t, plus, minus) / fma(t, minus, plus), x);
  }
  const Real rest = fma(cube, series, r.tail);
  const Real t = r.head + rest;
  const Real top = fma(t, plus, minus);
  const Real top_low = fma(rest, plus, fma(r.head, plus, minus - top));
  const Real bottom = fma(t, minus, plus);
  const Real bottom_low = fma(rest, minus, fma(r.head, minus, plus - bottom));
  return with_sign(divide(Pair{top, top_low}, Pair{bottom, bottom_low}).result().value, x);
}

}  // namespace kiln::pointwise
