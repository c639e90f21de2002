#include <cmath>

#include "oracle/extended.h"
#include "oracle/oracle.h"

namespace kiln::oracle {

// PyTorch's threshold, beyond which the result is x.
constexpr int kThreshold = 20;

// log1p keeps exp(x) where it is small and never magnifies a relative error.
double softplus(double x) { return x > kThreshold ? x : std::log1p(std::exp(x)); }

void softplus(mpfr_t result, const mpfr_t x) {
  if (!mpfr_nan_p(x) && mpfr_cmp_ui(x, kThreshold) > 0) {
    mpfr_set(result, x, MPFR_RNDN);
    return;
  }
  Extended power(result);
  mpfr_exp(power, x, MPFR_RNDN);
  mpfr_log1p(result, power, MPFR_RNDN);
}

}  // namespace kiln::oracle
