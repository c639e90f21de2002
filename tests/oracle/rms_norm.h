// torch.nn.functional.rms_norm in float64, whose range holds the squares of all float32 values.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "oracle/moments.h"

namespace kiln::oracle {

// Over `rows` rows of `length` elements, dense and row-major. weight: NULL, or `length` values.
inline std::vector<double> rms_norm(const float *x, int64_t rows, int64_t length, const float *weight, double eps) {
  std::vector<double> results;
  results.reserve(rows * length);
  for (const float *row = x; row != x + rows * length; row += length) {
    Sum squares;
    for (int64_t i = 0; i < length; ++i) squares.add(static_cast<double>(row[i]) * row[i]);
    const double root = std::sqrt(squares.value() / static_cast<double>(length) + eps);
    for (int64_t i = 0; i < length; ++i) results.push_back(row[i] / root * (weight ? weight[i] : 1));
  }
  return results;
}

}  // namespace kiln::oracle
