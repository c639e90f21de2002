// kiln_layer_norm_backward.
#include <operators.h>

#include "gradient.h"
#include "statistics_checks.h"

namespace kiln {

kiln_status plan_layer_norm_backward(Call &call) {
  namespace at = op::layer_norm_backward;
  if (kiln_status s = expect_both(call, at::mean, at::rstd)) return s;
  return run_gradient(call, {{at::weight, at::mean, at::rstd, kNoTensor, kNoTensor, at::grad_weight, at::grad_bias},
                             Sets::rows,
                             1,
                             call.dims(at::normalized_shape),
                             Means::centred,
                             nullptr,
                             call.real(at::eps)});
}

}  // namespace kiln
