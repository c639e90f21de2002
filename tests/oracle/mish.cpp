#include <cmath>

#include "oracle/extended.h"
#include "oracle/oracle.h"

namespace kiln::oracle {

// log1p keeps exp(x) where it is small, and tanh never magnifies a relative error.
double mish(double x) { return x * std::tanh(std::log1p(std::exp(x))); }

void mish(mpfr_t result, const mpfr_t x) {
  Extended factor(result);
  mpfr_exp(factor, x, MPFR_RNDN);
  mpfr_log1p(factor, factor, MPFR_RNDN);
  mpfr_tanh(factor, factor, MPFR_RNDN);
  mpfr_mul(result, x, factor, MPFR_RNDN);
}

}  // namespace kiln::oracle
