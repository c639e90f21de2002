// kiln_batch_norm, kiln_group_norm and kiln_instance_norm: what each asks of its arguments, and whose statistics it
// takes.
#include <operators.h>

#include "../status.h"
#include "channel_norm.h"
#include "statistics_checks.h"

namespace kiln {
namespace {

// Where the input is not measured, the statistics are given, and none of its own are there to be written.
kiln_status expect_running(const Call &call, const ChannelTensors &tensors, const char *when) {
  for (int place : {tensors.mean, tensors.rstd})
    if (call.has(place))
      return invalid("%s: expected NULL where %s = 0, which measures nothing, got a tensor",
                     call.row.tensors[place].name, when);
  return expect_statistics(call, tensors.running_mean, when);
}

}  // namespace

kiln_status run_batch_norm(Call &call, const ChannelTensors &tensors, bool training, double momentum, double eps) {
  const char *const when = "training";
  if (kiln_status s = training ? check_training(call, eps) : expect_running(call, tensors, when)) return s;
  return run_channel_norm(call, {tensors, Sharing::per_channel, 1, training,
                                 training && call.present[tensors.running_mean], momentum, eps});
}

kiln_status run_group_norm(Call &call, const ChannelTensors &tensors, int64_t groups, double eps) {
  if (kiln_status s = check_groups(call.input(), groups)) return s;
  return run_channel_norm(call, {tensors, Sharing::per_group, groups, true, false, 0, eps});
}

// Statistics of the input are each sample's own; running ones serve all samples.
kiln_status run_instance_norm(Call &call, const ChannelTensors &tensors, bool measures, double momentum, double eps) {
  const char *const when = "use_input_stats";
  if (kiln_status s = measures ? check_positions(call.input()) : expect_running(call, tensors, when)) return s;
  return run_channel_norm(
      call, {tensors, measures ? Sharing::per_group : Sharing::per_channel, measures ? call.input().shape[1] : 1,
             measures, measures && call.present[tensors.running_mean], momentum, eps});
}

kiln_status plan_batch_norm(Call &call) {
  namespace at = op::batch_norm;
  return run_batch_norm(call, {at::weight, at::bias, at::running_mean, at::running_var, kNoTensor, kNoTensor},
                        call.is_set(at::training), call.real(at::momentum), call.real(at::eps));
}

kiln_status plan_group_norm(Call &call) {
  namespace at = op::group_norm;
  return run_group_norm(call, {at::weight, at::bias, kNoTensor, kNoTensor, kNoTensor, kNoTensor},
                        call.integer(at::num_groups), call.real(at::eps));
}

kiln_status plan_instance_norm(Call &call) {
  namespace at = op::instance_norm;
  return run_instance_norm(call, {at::weight, at::bias, at::running_mean, at::running_var, kNoTensor, kNoTensor},
                           call.is_set(at::use_input_stats), call.real(at::momentum), call.real(at::eps));
}

}  // namespace kiln
