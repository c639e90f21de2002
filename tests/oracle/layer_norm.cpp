#include "oracle/moments.h"
#include "oracle/oracle.h"

namespace kiln::oracle {

std::vector<Normalized> layer_norm(const float *x, int64_t rows, int64_t length, const float *weight, const float *bias,
                                   double eps) {
  std::vector<Normalized> results;
  results.reserve(rows * length);
  for (const float *row = x; row != x + rows * length; row += length) {
    const Moments m = moments(length, [&](int64_t i) { return static_cast<double>(row[i]); });
    for (int64_t i = 0; i < length; ++i) results.push_back(affine(standardize(row[i], m, eps), weight, bias, i));
  }
  return results;
}

}  // namespace kiln::oracle
