#include <cmath>

#include "oracle/oracle.h"

namespace kiln::oracle {

// With m = expm1(-2|x|), in [-1, 0]: tanh |x| = -m / (2 + m), where nothing cancels.
double tanh(double x) {
  const double m = std::expm1(-2 * std::fabs(x));
  return std::copysign(-m / (2 + m), x);
}

void tanh(mpfr_t result, const mpfr_t x) { mpfr_tanh(result, x, MPFR_RNDN); }

}  // namespace kiln::oracle
