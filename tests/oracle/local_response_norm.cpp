#include <algorithm>
#include <cmath>

#include "oracle/oracle.h"
#include "oracle/statistics.h"

namespace kiln::oracle {

std::vector<double> local_response_norm(const float *x, const Volume &v, int64_t size, double alpha, double beta,
                                        double k) {
  std::vector<double> results;
  for (int64_t n = 0; n < v.samples; ++n)
    for (int64_t c = 0; c < v.channels; ++c)
      for (int64_t s = 0; s < v.space; ++s) {
        const int64_t first = c - std::min(c, size / 2), last = c + std::min(v.channels - 1 - c, (size - 1) / 2);
        double squares = 0;
        for (int64_t d = first; d <= last; ++d) squares += std::pow(static_cast<double>(x[index(v, n, d, s)]), 2);
        const double divisor = k + alpha * (squares / static_cast<double>(size));
        results.push_back(x[index(v, n, c, s)] / std::pow(divisor, beta));
      }
  return results;
}

}  // namespace kiln::oracle
