#include "oracle/oracle.h"

namespace kiln::oracle {

// PyTorch's choice where there is no derivative, at -3 and 3, and for NaN: 0.
double hardsigmoid_backward(double x) { return -3 < x && x < 3 ? 1.0 / 6 : 0.0; }

void hardsigmoid_backward(mpfr_t result, const mpfr_t x) {
  const bool inside = !mpfr_nan_p(x) && mpfr_cmp_si(x, -3) > 0 && mpfr_cmp_si(x, 3) < 0;
  mpfr_set_ui(result, inside ? 1 : 0, MPFR_RNDN);
  mpfr_div_ui(result, result, 6, MPFR_RNDN);
}

}  // namespace kiln::oracle
