#include <cmath>

#include "oracle/extended.h"
#include "oracle/oracle.h"

namespace kiln::oracle {

// 1 - tanh(x)^2 = 4 t / (1 + t)^2 with t = exp(-2 |x|), where nothing cancels.
double tanh_backward(double x) {
  const double t = std::exp(-2 * std::fabs(x));
  return 4 * t / ((1 + t) * (1 + t));
}

void tanh_backward(mpfr_t result, const mpfr_t x) {
  Extended cosh(result);
  mpfr_cosh(cosh, x, MPFR_RNDN);
  mpfr_sqr(cosh, cosh, MPFR_RNDN);
  mpfr_ui_div(result, 1, cosh, MPFR_RNDN);
}

}  // namespace kiln::oracle
