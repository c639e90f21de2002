// kiln_rms_norm_backward.
#include <operators.h>

#include "gradient.h"

namespace kiln {

const NormOfGradient kRootMeanSquare = {
    &norm_two_kernels, &rms_statistics_kernels, &gradient_sums_kernels, &gradient_apply_kernels, 2, 0};

kiln_status plan_rms_norm_backward(Call &call) {
  namespace at = op::rms_norm_backward;
  return run_gradient(call, {{at::weight, kNoTensor, at::rstd, kNoTensor, kNoTensor, at::grad_weight, kNoTensor},
                             Sets::rows,
                             1,
                             call.dims(at::normalized_shape),
                             Means::scaled,
                             &kRootMeanSquare,
                             call.real(at::eps)});
}

}  // namespace kiln
