// Normalizations of channels, which have the statistics at hand that they write.
#include <operators.h>

#include "channel_norm.h"

namespace kiln {

kiln_status plan_batch_norm_with_statistics(Call &call) {
  namespace at = op::batch_norm_with_statistics;
  return run_batch_norm(call, {at::weight, at::bias, at::running_mean, at::running_var, at::mean, at::rstd},
                        call.is_set(at::training), call.real(at::momentum), call.real(at::eps));
}

kiln_status plan_group_norm_with_statistics(Call &call) {
  namespace at = op::group_norm_with_statistics;
  return run_group_norm(call, {at::weight, at::bias, kNoTensor, kNoTensor, at::mean, at::rstd},
                        call.integer(at::num_groups), call.real(at::eps));
}

kiln_status plan_instance_norm_with_statistics(Call &call) {
  namespace at = op::instance_norm_with_statistics;
  return run_instance_norm(call, {at::weight, at::bias, at::running_mean, at::running_var, at::mean, at::rstd},
                           call.is_set(at::use_input_stats), call.real(at::momentum), call.real(at::eps));
}

}  // namespace kiln
