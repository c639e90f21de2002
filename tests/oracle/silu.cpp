#include <cmath>

#include "oracle/extended.h"
#include "oracle/oracle.h"

namespace kiln::oracle {

// x sigmoid(x) with one division, so that no factor underflows before the product does.
double silu(double x) { return x / (1 + std::exp(-x)); }

void silu(mpfr_t result, const mpfr_t x) {
  Extended divisor(result);
  one_plus_exp_minus(divisor, x);
  mpfr_div(result, x, divisor, MPFR_RNDN);
}

}  // namespace kiln::oracle
