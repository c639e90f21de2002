#include <algorithm>
#include <cmath>

#include "oracle/gradients.h"
#include "oracle/windows.h"

namespace kiln::oracle {
// With d the divisor: g / d^beta, less 2 alpha beta / size * x times the sum of g x / d^(beta + 1) over the channels
// whose window has this one.
Gradients local_response_norm_backward(const float *grad_output, const float *x, const Volume &v, int64_t size,
                                       double alpha, double beta, double k) {
  const std::vector<double> d = divisors(x, v, size, alpha, k);
  Gradients results;
  for (int64_t n = 0; n < v.samples; ++n)
    for (int64_t c = 0; c < v.channels; ++c)
      for (int64_t s = 0; s < v.space; ++s) {
        const int64_t first = c - std::min(c, (size - 1) / 2), last = c + std::min(v.channels - 1 - c, size / 2);
        double sum = 0, magnitudes = 0;
        for (int64_t b = first; b <= last; ++b) {
          const int64_t i = index(v, n, b, s);
          const double term = static_cast<double>(grad_output[i]) * x[i] * std::pow(d[i], -beta - 1);
          sum += term, magnitudes += std::fabs(term);
        }
        const int64_t i = index(v, n, c, s);
        const double own = grad_output[i] * std::pow(d[i], -beta);
        const double factor = 2 * alpha * beta / static_cast<double>(size) * x[i];
        results.grad_input.push_back({own - factor * sum, std::fabs(own) + std::fabs(factor) * magnitudes});
      }
  return results;
}

}  // namespace kiln::oracle
