#include "oracle/gradient_terms.h"

namespace kiln::oracle {

Gradients group_norm_backward(const float *grad_output, const float *x, const Volume &volume, int64_t num_groups,
                              const float *weight, double eps) {
  const Sharing sharing = sharing_of_groups(volume, num_groups);
  return gradients(grad_output, x, sharing, standards(x, sharing, eps), Depends::mean_and_root, weight);
}

}  // namespace kiln::oracle
