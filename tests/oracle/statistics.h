// Running statistics, for the normalizations that have them.
#pragma once

#include <cmath>

#include "oracle/moments.h"

namespace kiln::oracle {

// The biased variance of n values as the unbiased one.
inline double unbiased(double variance, int64_t n) {
  return variance * (static_cast<double>(n) / static_cast<double>(n - 1));
}

inline std::vector<Normalized> as_given(const float *values, int64_t count) {
  std::vector<Normalized> all;
  for (int64_t i = 0; values && i < count; ++i) all.push_back({values[i], std::fabs(values[i])});
  return all;
}

// statistic = (1 - momentum) * statistic + momentum * batch. `spread` is what the batch's error is relative to, besides
// the batch's value itself.
inline void update(Normalized &statistic, double momentum, double batch, double spread) {
  statistic.magnitude = std::fabs((1 - momentum) * statistic.value) + std::fabs(momentum) * (std::fabs(batch) + spread);
  statistic.value = (1 - momentum) * statistic.value + momentum * batch;
}

// Both statistics of channel c by the batch's, where they are present.
inline void update(WithStatistics &results, int64_t c, double momentum, double mean, double variance) {
  if (results.running_mean.empty()) return;
  update(results.running_mean[c], momentum, mean, std::sqrt(variance));
  update(results.running_var[c], momentum, variance, 0);
}

// Element s of the plane of sample n and channel c.
inline int64_t index(const Volume &v, int64_t n, int64_t c, int64_t s) { return (n * v.channels + c) * v.space + s; }

// Every element of a tensor by the moments that of(n, c) names.
template <class Of>
std::vector<Normalized> normalize_each(const float *x, const Volume &v, const float *weight, const float *bias,
                                       double eps, Of of) {
  std::vector<Normalized> results;
  results.reserve(v.samples * v.channels * v.space);
  for (int64_t n = 0; n < v.samples; ++n)
    for (int64_t c = 0; c < v.channels; ++c)
      for (int64_t s = 0; s < v.space; ++s)
        results.push_back(affine(standardize(x[index(v, n, c, s)], of(n, c), eps), weight, bias, c));
  return results;
}

// By the running statistics.
inline std::vector<Normalized> normalize_by_given(const float *x, const Volume &v, const ChannelParameters &p,
                                                  double eps) {
  return normalize_each(x, v, p.weight, p.bias, eps, [&](int64_t, int64_t c) {
    return Moments{p.running_mean[c], p.running_var[c]};
  });
}

}  // namespace kiln::oracle
