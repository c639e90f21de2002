// Mean and variance in float64, for the normalizations.
#pragma once

#include <cmath>
#include <cstdint>

#include "oracle/oracle.h"

namespace kiln::oracle {

// A sum with Neumaier's compensation: the error does not grow with the number of terms. Where the plain sum is infinite
// or NaN, the compensation is NaN, and the sum the plain one.
class Sum {
 public:
  void add(double term) {
    const double next = sum_ + term;
    lost_ += std::fabs(sum_) >= std::fabs(term) ? (sum_ - next) + term : (term - next) + sum_;
    sum_ = next;
  }
  double value() const { return std::isnan(lost_) ? sum_ : sum_ + lost_; }

 private:
  double sum_ = 0, lost_ = 0;
};

struct Moments {
  double mean;
  double variance;  // biased: divided by n
};

// The moments of at(0) ... at(n - 1), in two passes: the variance is summed from deviations, so a large mean costs it
// nothing. float32 values cannot overflow a double's squares. The rounded mean m is off by some d; summed (x - m) is
// n d and summed (x - m)^2 is n (variance + d^2), from which both are corrected.
template <class At>
Moments moments(int64_t n, At at) {
  Sum values;
  for (int64_t i = 0; i < n; ++i) values.add(at(i));
  const double mean = values.value() / n;
  if (!std::isfinite(mean)) return {mean, std::nan("")};
  Sum deviations, squares;
  for (int64_t i = 0; i < n; ++i) {
    const double deviation = at(i) - mean;
    deviations.add(deviation);
    squares.add(deviation * deviation);
  }
  const double correction = deviations.value() / n;
  return {mean + correction, squares.value() / n - correction * correction};
}

// (x - mean) / sqrt(variance + eps)
inline double standardize(double x, const Moments &m, double eps) { return (x - m.mean) / std::sqrt(m.variance + eps); }

// The standardized x times weight[i] plus bias[i]; NULL is 1 and 0.
inline Normalized affine(double standard, const float *weight, const float *bias, int64_t i) {
  const double w = weight ? weight[i] : 1, b = bias ? bias[i] : 0;
  return {standard * w + b, std::fmax(1, std::fabs(standard)) * std::fabs(w) + std::fabs(b)};
}

}  // namespace kiln::oracle
