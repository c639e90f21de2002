#include <cmath>

#include "oracle/extended.h"
#include "oracle/oracle.h"

namespace kiln::oracle {

// sigmoid(x), and 1 beyond PyTorch's threshold.
double softplus_backward(double x) {
  if (x > 20) return 1;
  return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
}

void softplus_backward(mpfr_t result, const mpfr_t x) {
  if (!mpfr_nan_p(x) && mpfr_cmp_si(x, 20) > 0) {
    mpfr_set_ui(result, 1, MPFR_RNDN);
    return;
  }
  Extended divisor(result);
  one_plus_exp_minus(divisor, x);
  mpfr_ui_div(result, 1, divisor, MPFR_RNDN);
}

}  // namespace kiln::oracle
