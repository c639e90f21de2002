#include "oracle/ulp.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kiln::oracle {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Halfway between the largest float and 2^128, the next number were there one.
constexpr double kRoundsToInfinity = 0x1p128 - 0x1p103;

// Decides where y or r is not finite; false where both are.
bool decide_special(float y, double r, double *error) {
  if (std::isfinite(y) && std::fabs(r) < kRoundsToInfinity) return false;
  const bool right = std::isnan(r)
                         ? std::isnan(y)
                         : std::isinf(y) && std::fabs(r) >= kRoundsToInfinity && std::signbit(y) == std::signbit(r);
  *error = right ? 0 : kInfinity;
  return true;
}

}  // namespace

double ulp(double r) {
  if (r == 0) return 0x1p-149;
  return std::ldexp(1.0, std::max(std::ilogb(r), -126) - 23);
}

double ulp_error(float y, double r) {
  double error;
  if (decide_special(y, r, &error)) return error;
  return std::fabs(static_cast<double>(y) - r) / ulp(r);
}

double ulp_error(float y, const mpfr_t r) {
  const double near = mpfr_get_d(r, MPFR_RNDN);
  double error;
  if (decide_special(y, near, &error)) return error;
  mpfr_t difference;
  mpfr_init2(difference, mpfr_get_prec(r) + 64);
  mpfr_sub_d(difference, r, y, MPFR_RNDN);
  mpfr_div_d(difference, difference, ulp(near), MPFR_RNDN);
  error = std::fabs(mpfr_get_d(difference, MPFR_RNDN));
  mpfr_clear(difference);
  return error;
}

}  // namespace kiln::oracle
