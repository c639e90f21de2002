#include "support/near.h"

#include <cmath>

#include "oracle/ulp.h"
#include "support/bits.h"
#include "support/expectations.h"

namespace kiln::test {
namespace {

// How far a result is from a finite value. An infinity stands where the next float after the largest would: a result
// that the bound lets go there may be it.
double distance(float actual, double value) {
  if (!std::isinf(actual)) return std::fabs(actual - value);
  return std::fmax(0, 0x1p128 - std::copysign(1.0, actual) * value);  // none beyond it
}

// The same in ULP, of values that may be infinite too.
double ulps_off(float actual, double value) {
  if (!std::isinf(actual) || !std::isfinite(value)) return oracle::ulp_error(actual, value);
  return distance(actual, value) / 0x1p104;
}

// Each result within that many ULP.
::testing::AssertionResult within_ulps(const std::vector<oracle::Normalized> &expected,
                                       const std::vector<float> &actual, double ulps) {
  if (expected.size() != actual.size())
    return ::testing::AssertionFailure() << expected.size() << " elements expected, " << actual.size() << " came";
  for (size_t i = 0; i < expected.size(); ++i) {
    const double value = expected[i].value, error = ulps_off(actual[i], value);
    if (std::isnan(value) ? bits_of(actual[i]) == kNanBits : error <= ulps) continue;
    return ::testing::AssertionFailure() << "index " << i << ": expected " << show(static_cast<float>(value))
                                         << ", got " << show(actual[i]) << ", " << error << " ULP, where " << ulps
                                         << " are allowed";
  }
  return ::testing::AssertionSuccess();
}

}  // namespace

::testing::AssertionResult near_oracle(const Operation &n, const oracle::WithStatistics &expected,
                                       const Results &actual, double tolerance, double rounded) {
  if (const auto allowed_ulps = expectation_of(n.name()).allowed_ulps)
    return within_ulps(expected.output, actual.output, allowed_ulps(n) + rounded * 0x1p23);
  if (auto near = near_oracle(expected.output, actual.output, tolerance + rounded); !near) return near;
  if (!n.has_statistics()) return ::testing::AssertionSuccess();
  if (!n.updates()) return same_bits({actual.output, n.values("running_mean"), n.values("running_var")}, actual);
  if (auto near = near_oracle(expected.running_mean, actual.running_mean, 1e-6 + rounded); !near)
    return near << " (running_mean)";
  if (auto near = near_oracle(expected.running_var, actual.running_var, 1e-6 + rounded); !near)
    return near << " (running_var)";
  return ::testing::AssertionSuccess();
}

::testing::AssertionResult near_oracle(const std::vector<oracle::Normalized> &expected,
                                       const std::vector<float> &actual, double tolerance) {
  if (expected.size() != actual.size())
    return ::testing::AssertionFailure() << expected.size() << " elements expected, " << actual.size() << " came";
  for (size_t i = 0; i < expected.size(); ++i) {
    const double value = expected[i].value, ulps = ulps_off(actual[i], value);
    const bool near = std::isfinite(value) && distance(actual[i], value) <= tolerance * expected[i].magnitude;
    const bool right = std::isnan(value) ? bits_of(actual[i]) == kNanBits : ulps <= 0.5 + 1e-6 || near;
    if (!right)
      return ::testing::AssertionFailure()
             << "index " << i << ": expected " << show(static_cast<float>(value)) << ", got " << show(actual[i]) << ", "
             << ulps << " ULP, " << distance(actual[i], value) / expected[i].magnitude << " of the magnitude, where "
             << tolerance << " is allowed";
  }
  return ::testing::AssertionSuccess();
}

::testing::AssertionResult near_relatively(const Operation &n, const oracle::WithStatistics &expected,
                                           const Results &actual) {
  if (const auto allowed_ulps = expectation_of(n.name()).allowed_ulps)
    return within_ulps(expected.output, actual.output, allowed_ulps(n));
  return near_relatively(expected.output, actual.output);
}

::testing::AssertionResult near_relatively(const std::vector<oracle::Normalized> &expected,
                                           const std::vector<float> &actual) {
  double square = 0;
  for (const oracle::Normalized &r : expected) square += r.value * r.value;
  const double absolute = 5e-7 * std::sqrt(square / static_cast<double>(expected.size()));
  for (size_t i = 0; i < expected.size(); ++i) {
    const double value = expected[i].value, ulps = ulps_off(actual[i], value);
    if (!(distance(actual[i], value) <= absolute) && !(ulps <= 8))
      return ::testing::AssertionFailure() << "index " << i << ": expected " << show(static_cast<float>(value))
                                           << ", got " << show(actual[i]) << ", " << ulps << " ULP";
  }
  return ::testing::AssertionSuccess();
}

bool is_rounded_product(const oracle::NarrowType &type, double product, uint16_t word) {
  if (product == 0) return word == type.nearest(product);
  const double open = std::fabs(product) * 0x1p-26 + 0x1p-150;
  return word == type.nearest(product - open) || word == type.nearest(product + open);
}

}  // namespace kiln::test
