#include "oracle/gradient_terms.h"

namespace kiln::oracle {

Gradients instance_norm_backward(const float *grad_output, const float *x, const Volume &volume,
                                 const ChannelParameters &p, bool use_input_stats, double eps) {
  if (use_input_stats) return group_norm_backward(grad_output, x, volume, volume.channels, p.weight, eps);
  return batch_norm_backward(grad_output, x, volume, p, false, eps);
}

}  // namespace kiln::oracle
