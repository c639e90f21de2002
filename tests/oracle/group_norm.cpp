#include "oracle/moments.h"
#include "oracle/oracle.h"
#include "oracle/statistics.h"

namespace kiln::oracle {

std::vector<Normalized> group_norm(const float *x, const Volume &v, int64_t num_groups, const float *weight,
                                   const float *bias, double eps) {
  const int64_t channels = v.channels / num_groups, count = channels * v.space;
  std::vector<Moments> of_group;
  for (int64_t group = 0; group < v.samples * num_groups; ++group)
    of_group.push_back(moments(count, [&](int64_t i) { return static_cast<double>(x[group * count + i]); }));
  return normalize_each(x, v, weight, bias, eps,
                        [&](int64_t n, int64_t c) { return of_group[n * num_groups + c / channels]; });
}

}  // namespace kiln::oracle
