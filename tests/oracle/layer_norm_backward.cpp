#include "oracle/gradient_terms.h"

namespace kiln::oracle {

Gradients layer_norm_backward(const float *grad_output, const float *x, int64_t rows, int64_t length,
                              const float *weight, double eps) {
  const Sharing sharing = sharing_of_rows(rows, length);
  return gradients(grad_output, x, sharing, standards(x, sharing, eps), Depends::mean_and_root, weight);
}

}  // namespace kiln::oracle
