#include <cmath>

#include "oracle/extended.h"
#include "oracle/oracle.h"

namespace kiln::oracle {

// sigmoid(x) sigmoid(-x) = t / (1 + t)^2 with t = exp(-|x|), where nothing cancels.
double sigmoid_backward(double x) {
  const double t = std::exp(-std::fabs(x));
  return t / ((1 + t) * (1 + t));
}

// 1 / ((1 + exp(-x)) (1 + exp(x)))
void sigmoid_backward(mpfr_t result, const mpfr_t x) {
  Extended divisor(result), minus(result);
  one_plus_exp_minus(divisor, x);
  mpfr_neg(minus, x, MPFR_RNDN);
  one_plus_exp_minus(minus, minus);
  mpfr_mul(divisor, divisor, minus, MPFR_RNDN);
  mpfr_ui_div(result, 1, divisor, MPFR_RNDN);
}

}  // namespace kiln::oracle
