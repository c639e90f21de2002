// kiln_batch_norm_backward, kiln_group_norm_backward and kiln_instance_norm_backward.
#include <operators.h>

#include "gradient.h"
#include "statistics_checks.h"

namespace kiln {

kiln_status plan_batch_norm_backward(Call &call) {
  namespace at = op::batch_norm_backward;
  const bool training = call.is_set(at::training);
  const double eps = call.real(at::eps);
  if (kiln_status s = training ? check_training(call, eps) : expect_statistics(call, at::running_mean, "training"))
    return s;
  if (kiln_status s =
          training ? expect_both(call, at::mean, at::rstd) : expect_statistics(call, at::running_var, "training"))
    return s;
  return run_gradient(
      call, {{at::weight, at::mean, at::rstd, at::running_mean, at::running_var, at::grad_weight, at::grad_bias},
             Sets::channels,
             1,
             0,
             training ? Means::centred : Means::none,
             nullptr,
             eps});
}

kiln_status plan_group_norm_backward(Call &call) {
  namespace at = op::group_norm_backward;
  const int64_t groups = call.integer(at::num_groups);
  if (kiln_status s = check_groups(call.input(), groups)) return s;
  if (kiln_status s = expect_both(call, at::mean, at::rstd)) return s;
  return run_gradient(call, {{at::weight, at::mean, at::rstd, kNoTensor, kNoTensor, at::grad_weight, at::grad_bias},
                             Sets::groups,
                             groups,
                             0,
                             Means::centred,
                             nullptr,
                             call.real(at::eps)});
}

kiln_status plan_instance_norm_backward(Call &call) {
  namespace at = op::instance_norm_backward;
  const bool measures = call.is_set(at::use_input_stats);
  if (kiln_status s =
          measures ? check_positions(call.input()) : expect_statistics(call, at::running_mean, "use_input_stats"))
    return s;
  if (kiln_status s = measures ? expect_both(call, at::mean, at::rstd)
                               : expect_statistics(call, at::running_var, "use_input_stats"))
    return s;
  return run_gradient(
      call, {{at::weight, at::mean, at::rstd, at::running_mean, at::running_var, at::grad_weight, at::grad_bias},
             measures ? Sets::groups : Sets::channels,
             measures ? call.input().shape[1] : 1,
             0,
             measures ? Means::centred : Means::none,
             nullptr,
             call.real(at::eps)});
}

}  // namespace kiln
