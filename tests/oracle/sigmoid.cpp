#include <cmath>

#include "oracle/extended.h"
#include "oracle/oracle.h"

namespace kiln::oracle {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

void sigmoid(mpfr_t result, const mpfr_t x) {
  Extended divisor(result);
  one_plus_exp_minus(divisor, x);
  mpfr_ui_div(result, 1, divisor, MPFR_RNDN);
}

}  // namespace kiln::oracle
