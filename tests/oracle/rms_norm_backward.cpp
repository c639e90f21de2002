#include "oracle/gradient_terms.h"

namespace kiln::oracle {

// A mean of 0, which no input moves, and no bias.
Gradients rms_norm_backward(const float *grad_output, const float *x, int64_t rows, int64_t length, const float *weight,
                            double eps) {
  std::vector<Standard> all;
  for (const float *row = x; row != x + rows * length; row += length) {
    Sum squares;
    for (int64_t i = 0; i < length; ++i) squares.add(static_cast<double>(row[i]) * row[i]);
    all.push_back({0, 1 / std::sqrt(squares.value() / static_cast<double>(length) + eps)});
  }
  Gradients results = gradients(grad_output, x, sharing_of_rows(rows, length), all, Depends::root, weight);
  results.grad_bias.clear();
  return results;
}

}  // namespace kiln::oracle
