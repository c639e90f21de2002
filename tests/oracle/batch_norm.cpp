#include "oracle/moments.h"
#include "oracle/oracle.h"
#include "oracle/statistics.h"

namespace kiln::oracle {

WithStatistics batch_norm(const float *x, const Volume &v, const ChannelParameters &p, bool training, double momentum,
                          double eps) {
  WithStatistics results{{}, as_given(p.running_mean, v.channels), as_given(p.running_var, v.channels)};
  if (!training) {
    results.output = normalize_by_given(x, v, p, eps);
    return results;
  }
  const int64_t count = v.samples * v.space;
  std::vector<Moments> of_channel;
  for (int64_t c = 0; c < v.channels && count > 0; ++c) {
    const auto at = [&](int64_t i) { return static_cast<double>(x[index(v, i / v.space, c, i % v.space)]); };
    of_channel.push_back(moments(count, at));
    update(results, c, momentum, of_channel[c].mean, unbiased(of_channel[c].variance, count));
  }
  results.output = normalize_each(x, v, p.weight, p.bias, eps, [&](int64_t, int64_t c) { return of_channel[c]; });
  return results;
}

}  // namespace kiln::oracle
