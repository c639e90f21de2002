#include "oracle/moments.h"
#include "oracle/oracle.h"
#include "oracle/statistics.h"

namespace kiln::oracle {

WithStatistics instance_norm(const float *x, const Volume &v, const ChannelParameters &p, bool use_input_stats,
                             double momentum, double eps) {
  WithStatistics results{{}, as_given(p.running_mean, v.channels), as_given(p.running_var, v.channels)};
  if (!use_input_stats) {
    results.output = normalize_by_given(x, v, p, eps);
    return results;
  }
  if (v.samples * v.space == 0) return results;
  std::vector<Moments> of_plane;
  for (int64_t plane = 0; plane < v.samples * v.channels; ++plane)
    of_plane.push_back(moments(v.space, [&](int64_t s) { return static_cast<double>(x[plane * v.space + s]); }));
  const auto of = [&](int64_t n, int64_t c) { return of_plane[n * v.channels + c]; };
  results.output = normalize_each(x, v, p.weight, p.bias, eps, of);
  for (int64_t c = 0; c < v.channels; ++c) {
    double mean = 0, variance = 0;
    for (int64_t n = 0; n < v.samples; ++n) mean += of(n, c).mean, variance += unbiased(of(n, c).variance, v.space);
    const double samples = static_cast<double>(v.samples);
    update(results, c, momentum, mean / samples, variance / samples);
  }
  return results;
}

}  // namespace kiln::oracle
