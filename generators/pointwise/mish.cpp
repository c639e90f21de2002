#include "../math/coarse.h"
#include "../math/exp.h"
#include "../math/quotient.h"
#include "pointwise.h"

namespace kiln::pointwise {

// x tanh(log(1 + exp(x))) = x w / (w + 2) with w = exp(x) (exp(x) + 2).
//
// x = n ln 2 + r, S = 2^n and e = exp(r) make it x S e (S e + 2) / (S e (S e + 2) + 2),
// where x S is exact and normal even where exp(x) is too small for a float32.
// S is taken times A = 2^32, so the constants are 2 A and 2 A^2.
//
// |2 x exp(x) / 2| < 2^-150 from x = -108.7 on. From x = 10 on the result is x;
// the quotient, which may overflow, is not used there. -inf gives NaN.
//
// Coarse: tanh(log(1 + exp(x))) is 0 from -109 on and 1 from 10 on, so that x times
// it is right there, NaN for -inf too.
Result mish(Real x, Accuracy accuracy) {
  const float A = 0x1p32f;
  const Real inside = at_least(x, -109.0f);
  if (accuracy == Accuracy::coarse) {
    const CoarseReduced r = coarse_reduce(at_most(inside, 10.0f), exponent_of(32));
    const Real Ae = power_of_two(r.n_bits) * coarse_exp2(r.rest);
    const Real AAw = Ae * (Ae + Real(2 * A));
    return x * (AAw * coarse_inverse(AAw + Real(2 * A * A)));
  }
  const Reduced r = reduce(inside, constants::log2_e, 1.0f, exponent_of(32));
  const Real S = power_of_two(r.n_bits);
  const Real xS = inside * S;
  if (accuracy == Accuracy::fast) {
    const Real e = exp_near(r);
    const Real top = fma(S * e, e, e * Real(2 * A));  // both products are exact
    const Real bottom = fma(S, top, 2 * A * A);
    return {select(exceeds(x, 10.0f), x, xS * top / bottom), exceeds_minus_infinity(x)};
  }
  const Pair e = exp_pair(r, constants::exp_exact);
  const Real factor = fma(S, e.high, 2 * A);
  const Real factor_low = fma(S, e.low, fma(S, e.high, Real(2 * A) - factor));
  const Real w = e.high * factor;
  const Real w_low = fma(e.high, factor_low, fma(e.low, factor, fma(e.high, factor, -w)));
  const Real bottom = fma(S, w, 2 * A * A);
  const Real bottom_low = fma(S, w_low, fma(S, w, Real(2 * A * A) - bottom));
  const Real top = xS * w;
  const Real top_low = fma(xS, w_low, fma(xS, w, -top));
  const Rounded quotient = divide(Pair{top, top_low}, Pair{bottom, bottom_low}).result();
  return {Rounded{select(exceeds(x, 10.0f), x, quotient.value), quotient.rest}, exceeds_minus_infinity(x)};
}

}  // namespace kiln::pointwise
