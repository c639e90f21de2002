#pragma once

#include "log_constants.h"
#include "polynomial.h"
#include "quotient.h"
#include "real.h"

namespace kiln {

// a + b = high + low without error, whichever of them is larger (Knuth's 2Sum).
inline Pair exact_sum(const Real &a, const Real &b) {
  const Real sum = a + b;
  const Real b_part = sum - a;
  return {sum, (a - (sum - b_part)) + (b - b_part)};
}

// log(u) = q + q^3 P(q^2) for 1/2 <= u <= 2, with q = 2 (u - 1) / (u + 1): it is
// 2 atanh(q / 2), an odd function. q alone is at least 96 % of the result, so
// float32 holds q^3 P(q^2) well enough. This is q^3 P(q^2) + c.
inline Real log_rest_plus(const Real &q, const Real &square, const Real &c) {
  return fma(q * square, polynomial(constants::log_exact, square), c);
}

// base + log(1 + t) for base >= 0 and 0 <= t <= 1, t given as scaled = scale t: a
// power of two that is large enough keeps scaled normal where t is not.
//
// For u = 1 + t, q is t / (1 + t / 2). All that the first rounding of base + q
// lacks (the rest of log(u), what the sum lost, what the quotient lost) meets over
// the quotient's bottom, and one fma adds it. A subnormal result is so rounded
// once, to its own last place. What the quotient lost counts 1 + q^2 / 4 times,
// the slope of log(u) by q: P is taken at the quotient's first rounding.
inline Rounded add_log1p(const Real &base, const Pair &scaled, float scale) {
  const Real bottom = fma(scaled.high, 0.5f, scale);
  const Real bottom_low = fma(scaled.low, 0.5f, fma(scaled.high, 0.5f, Real(scale) - bottom));
  const Division q = divide(scaled, Pair{bottom, bottom_low});
  const Real square = q.first * q.first;
  const Real excess = fma(square * Real(0.25f), q.excess, q.excess);
  const Pair sum = exact_sum(base, q.first);
  const Real lacking = fma(log_rest_plus(q.first, square, sum.low), bottom, -excess);
  const Real value = fma(lacking, q.inverse, sum.high);
  return {value, fma(lacking, q.inverse, sum.high - value)};
}

}  // namespace kiln
