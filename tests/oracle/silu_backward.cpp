#include <cmath>
#include <limits>

#include "oracle/extended.h"
#include "oracle/oracle.h"

namespace kiln::oracle {
namespace {

// The root of the derivative, where exp(x) + 1 + x = 0.
constexpr double kRoot = -0x1.474973c84120bp+0, kRootRest = -1.0946994183093437e-16;

}  // namespace

// sigmoid(x) (1 + x (1 - sigmoid(x))); below 0 with u = exp(x) as u (u + 1 + x) / (1 + u)^2, whose sum is
// d + (-1 - root) (exp(d) - 1) for d = x - root: two terms of d's sign. At infinities PyTorch's formula makes NaN.
double silu_backward(double x) {
  if (std::isinf(x)) return std::numeric_limits<double>::quiet_NaN();
  if (x >= 0) {
    const double t = std::exp(-x);
    return (1 + x * (t / (1 + t))) / (1 + t);
  }
  const double u = std::exp(x), d = (x - kRoot) - kRootRest;
  return u * (d + (-1 - kRoot) * std::expm1(d)) / ((1 + u) * (1 + u));
}

// (1 + t (1 + x)) / (1 + t)^2 with t = exp(-x) from 0 on; below, u (u + 1 + x) / (1 + u)^2 with u = exp(x). The sum
// loses up to 26 bits beside the root.
void silu_backward(mpfr_t result, const mpfr_t x) {
  if (mpfr_inf_p(x)) return mpfr_set_nan(result);
  Extended t(result, 64), top(result, 64), bottom(result, 64);
  const bool negative = mpfr_sgn(x) < 0;
  mpfr_neg(t, x, MPFR_RNDN);
  mpfr_exp(t, negative ? x : static_cast<mpfr_srcptr>(t), MPFR_RNDN);
  mpfr_add_ui(bottom, t, 1, MPFR_RNDN);
  mpfr_sqr(bottom, bottom, MPFR_RNDN);
  mpfr_add_ui(top, x, 1, MPFR_RNDN);
  if (negative) {
    mpfr_add(top, top, t, MPFR_RNDN);
    mpfr_mul(top, top, t, MPFR_RNDN);
  } else {
    mpfr_mul(top, top, t, MPFR_RNDN);
    mpfr_add_ui(top, top, 1, MPFR_RNDN);
  }
  mpfr_div(result, top, bottom, MPFR_RNDN);
}

}  // namespace kiln::oracle
