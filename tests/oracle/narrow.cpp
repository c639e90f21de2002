#include "oracle/narrow.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace kiln::oracle {
namespace {

// The word without its sign of that many last places of numbers of an exponent: from the least normal number on, it is
// their number but for the exponent.
uint16_t magnitude_of(const NarrowType &type, double places, long exponent) {
  const double word = places + std::ldexp(static_cast<double>(exponent - type.least_exponent), type.digits - 1);
  return static_cast<uint16_t>(std::min<double>(word, type.infinity()));
}

uint16_t with_sign(bool negative, uint16_t magnitude) { return static_cast<uint16_t>(negative << 15 | magnitude); }

}  // namespace

const std::vector<NarrowType> &narrow_types() {
  static const std::vector<NarrowType> types = {
      {"float16", 11, -14, 0x7e00},
      {"bfloat16", 8, -126, 0x7fc0},
  };
  return types;
}

const NarrowType &narrow_type(const std::string &name) {
  for (const NarrowType &type : narrow_types())
    if (name == type.name) return type;
  std::fprintf(stderr, "tests/oracle/narrow.cpp has no element type %s\n", name.c_str());
  std::abort();
}

double NarrowType::value_of(uint16_t word) const {
  const int places = digits - 1;
  const uint16_t magnitude = word & 0x7fff;
  const int exponent = magnitude >> places, fraction = magnitude & ((1 << places) - 1);
  const double sign = word & 0x8000 ? -1 : 1;
  if (magnitude > infinity()) return std::numeric_limits<double>::quiet_NaN();
  if (magnitude == infinity()) return sign * std::numeric_limits<double>::infinity();
  if (exponent == 0) return sign * std::ldexp(fraction, least_exponent - places);
  return sign * std::ldexp(fraction + (1 << places), exponent - 1 + least_exponent - places);
}

double NarrowType::last_place(double real) const {
  const int exponent = real == 0 ? least_exponent : std::max(std::ilogb(real), least_exponent);
  return std::ldexp(1.0, exponent - (digits - 1));
}

uint16_t NarrowType::nearest(const mpfr_t real) const {
  if (mpfr_nan_p(real)) return nan;
  const bool negative = mpfr_signbit(real);
  if (mpfr_zero_p(real)) return with_sign(negative, 0);
  if (mpfr_inf_p(real)) return with_sign(negative, infinity());
  const long exponent = std::max<long>(mpfr_get_exp(real) - 1, least_exponent);
  if (exponent > 1024) return with_sign(negative, infinity());
  mpfr_t places;
  mpfr_init2(places, mpfr_get_prec(real) + 16);
  mpfr_mul_2si(places, real, digits - 1 - exponent, MPFR_RNDN);
  mpfr_rint(places, places, MPFR_RNDN);
  mpfr_abs(places, places, MPFR_RNDN);
  const double count = mpfr_get_d(places, MPFR_RNDN);
  mpfr_clear(places);
  return with_sign(negative, magnitude_of(*this, count, exponent));
}

uint16_t NarrowType::nearest(double real) const {
  if (std::isnan(real)) return nan;
  const bool negative = std::signbit(real);
  if (real == 0) return with_sign(negative, 0);
  if (std::isinf(real)) return with_sign(negative, infinity());
  const int exponent = std::max(std::ilogb(real), least_exponent);
  // Without rounding: what is scaled down is no subnormal number.
  const double count = std::rint(std::ldexp(std::fabs(real), digits - 1 - exponent));
  return with_sign(negative, magnitude_of(*this, count, exponent));
}

uint16_t exactly_rounded(const ElementwiseOracle &oracle, const NarrowType &type, double x) {
  if (x == 0 || !std::isfinite(x)) return type.nearest(oracle.value(x));
  mpfr_t input, result;
  mpfr_init2(input, 24);
  mpfr_init2(result, 160);
  mpfr_set_d(input, x, MPFR_RNDN);
  oracle.exact(result, input);
  const uint16_t nearest = type.nearest(result);
  mpfr_clear(input);
  mpfr_clear(result);
  return nearest;
}

uint16_t rounded_once(const ElementwiseOracle &oracle, const NarrowType &type, double x) {
  constexpr double kUncertain = 0x1p-45;  // relative, far beyond float64's error
  const double value = oracle.value(x);
  const uint16_t word = type.nearest(value);
  const bool normal = std::fabs(value) >= std::numeric_limits<double>::min() && std::isfinite(value);
  if (normal && type.nearest(value * (1 - kUncertain)) == word && type.nearest(value * (1 + kUncertain)) == word)
    return word;
  return exactly_rounded(oracle, type, x);
}

}  // namespace kiln::oracle
