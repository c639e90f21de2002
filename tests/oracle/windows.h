// What local_response_norm and its gradient divide by.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "oracle/statistics.h"

namespace kiln::oracle {

// k + alpha * mean(x^2) over each element's window of channels, in the order of the elements.
inline std::vector<double> divisors(const float *x, const Volume &v, int64_t size, double alpha, double k) {
  std::vector<double> all;
  for (int64_t n = 0; n < v.samples; ++n)
    for (int64_t c = 0; c < v.channels; ++c)
      for (int64_t s = 0; s < v.space; ++s) {
        const int64_t first = c - std::min(c, size / 2), last = c + std::min(v.channels - 1 - c, (size - 1) / 2);
        double squares = 0;
        for (int64_t d = first; d <= last; ++d) squares += std::pow(static_cast<double>(x[index(v, n, d, s)]), 2);
        all.push_back(k + alpha * (squares / static_cast<double>(size)));
      }
  return all;
}

}  // namespace kiln::oracle
