#include <cmath>
#include <limits>

#include "oracle/extended.h"
#include "oracle/oracle.h"

namespace kiln::oracle {
namespace {

// The root of the derivative, and exp(root).
constexpr double kRoot = -1.1924312145154952, kRootRest = -4.8484829848031044e-17, kExp = 0.3034825352815289;

}  // namespace

// With s = log(1 + exp(x)): tanh(s) + x (1 - tanh(s)^2) sigmoid(x) = u K / v^2 for u = exp(x), v = u^2 + 2 u + 2 and
// K = u^3 + 4 u^2 + 6 u + 4 + 4 x (u + 1). From 0 on as it stands, by t = exp(-x) in the place of u. Below, K less its
// 0 at the root r is, with e = exp(r) and d = x - r, (u - e) (u^2 + u e + e^2 + 4 (u + e) + 6 + 4 r) + 4 d (u + 1): two
// terms of d's sign. At infinities PyTorch's formula makes NaN.
double mish_backward(double x) {
  if (std::isinf(x)) return std::numeric_limits<double>::quiet_NaN();
  if (x >= 0) {
    const double t = std::exp(-x), v = 1 + 2 * t + 2 * t * t;
    return ((1 + 2 * t) * v + 4 * x * t * t * (1 + t)) / (v * v);
  }
  const double u = std::exp(x), v = u * u + 2 * u + 2, d = (x - kRoot) - kRootRest;
  const double difference = kExp * std::expm1(d), sum = u + kExp;
  const double K = difference * (u * u + u * kExp + kExp * kExp + 4 * sum + 6 + 4 * kRoot) + 4 * d * (u + 1);
  return u * K / (v * v);
}

// tanh(s) + x (1 - tanh(s)^2) sigmoid(x) by t = exp(-x) from 0 on and by u = exp(x) below, as above. The sum loses up
// to 26 bits beside the root.
void mish_backward(mpfr_t result, const mpfr_t x) {
  if (mpfr_inf_p(x)) return mpfr_set_nan(result);
  Extended t(result, 64), v(result, 64), top(result, 64), more(result, 64);
  const bool negative = mpfr_sgn(x) < 0;
  mpfr_neg(t, x, MPFR_RNDN);
  mpfr_exp(t, negative ? x : static_cast<mpfr_srcptr>(t), MPFR_RNDN);
  const auto polynomial = [&](mpfr_ptr sum, int square, int linear, int constant) {
    mpfr_mul_ui(sum, t, square, MPFR_RNDN);
    mpfr_add_ui(sum, sum, linear, MPFR_RNDN);
    mpfr_mul(sum, sum, t, MPFR_RNDN);
    mpfr_add_ui(sum, sum, constant, MPFR_RNDN);
  };
  mpfr_add_ui(more, t, 1, MPFR_RNDN);
  mpfr_mul(more, more, x, MPFR_RNDN);
  mpfr_mul_ui(more, more, 4, MPFR_RNDN);
  if (negative) {
    polynomial(v, 1, 2, 2);
    mpfr_add_ui(top, t, 2, MPFR_RNDN);
  } else {
    polynomial(v, 2, 2, 1);
    polynomial(top, 0, 2, 1);
    mpfr_mul(more, more, t, MPFR_RNDN);
    mpfr_mul(more, more, t, MPFR_RNDN);
  }
  mpfr_mul(top, top, v, MPFR_RNDN);
  mpfr_add(top, top, more, MPFR_RNDN);
  if (negative) mpfr_mul(top, top, t, MPFR_RNDN);
  mpfr_sqr(v, v, MPFR_RNDN);
  mpfr_div(result, top, v, MPFR_RNDN);
}

}  // namespace kiln::oracle
