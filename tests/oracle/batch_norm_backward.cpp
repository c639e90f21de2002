#include "oracle/gradient_terms.h"

namespace kiln::oracle {

Gradients batch_norm_backward(const float *grad_output, const float *x, const Volume &volume,
                              const ChannelParameters &p, bool training, double eps) {
  const Sharing sharing = sharing_of_channels(volume);
  if (!training)
    return gradients(grad_output, x, sharing, standards_given(p, volume.channels, eps), Depends::none, p.weight);
  return gradients(grad_output, x, sharing, standards(x, sharing, eps), Depends::mean_and_root, p.weight);
}

}  // namespace kiln::oracle
