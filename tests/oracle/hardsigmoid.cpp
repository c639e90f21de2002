#include <cmath>

#include "oracle/extended.h"
#include "oracle/oracle.h"

namespace kiln::oracle {

// x + 3 is exact near -3, where it would cancel: both are multiples of the same power of two.
double hardsigmoid(double x) {
  if (std::isnan(x)) return x;
  return std::fmin(std::fmax(x + 3, 0), 6) / 6;
}

void hardsigmoid(mpfr_t result, const mpfr_t x) {
  Extended sum(result);
  mpfr_add_ui(sum, x, 3, MPFR_RNDN);
  if (mpfr_cmp_ui(sum, 0) < 0) mpfr_set_ui(sum, 0, MPFR_RNDN);
  if (mpfr_cmp_ui(sum, 6) > 0) mpfr_set_ui(sum, 6, MPFR_RNDN);
  mpfr_div_ui(result, sum, 6, MPFR_RNDN);
}

}  // namespace kiln::oracle
