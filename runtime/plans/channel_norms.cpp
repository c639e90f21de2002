// kiln_batch_norm, kiln_group_norm and kiln_instance_norm: what each asks of its arguments, and whose statistics it
// takes.
#include <inttypes.h>
#include <operators.h>

#include "../status.h"
#include "channel_norm.h"

namespace kiln {
namespace {

kiln_status expect_statistics(const Call &call, int mean, const char *when) {
  if (call.present[mean]) return KILN_STATUS_OK;
  return invalid("%s: expected running statistics, which %s = 0 needs, got NULL", call.row.tensors[mean].name, when);
}

kiln_status check_training(const Call &call, double eps) {
  const int64_t channels = call.input().shape[1];
  if (channels > 0 && call.input().count / channels == 1)
    return invalid("input: expected more than 1 value per channel, which training needs, got shape %s",
                   ShapeText(call.input()).text);
  if (!(eps > 0)) return invalid("eps: expected more than 0 where training, got %g", eps);
  return KILN_STATUS_OK;
}

kiln_status check_groups(const Tensor &input, int64_t num_groups) {
  const int64_t samples = input.shape[0];
  if (samples == 0) return KILN_STATUS_OK;
  if (input.count == 0)
    return invalid("input: expected 1 or more values per group, got shape %s", ShapeText(input).text);
  if (samples == 1 && input.count / num_groups == 1)
    return invalid("input: expected more than 1 value per group where there is 1 sample, got shape %s in %" PRId64
                   " groups",
                   ShapeText(input).text, num_groups);
  return KILN_STATUS_OK;
}

kiln_status check_positions(const Tensor &input) {
  for (int d = 2; d < input.ndim; ++d)
    if (input.shape[d] != 1) return KILN_STATUS_OK;
  return invalid("input: expected more than 1 spatial value, which use_input_stats needs, got shape %s",
                 ShapeText(input).text);
}

}  // namespace

kiln_status plan_batch_norm(Call &call) {
  namespace at = op::batch_norm;
  const bool training = call.is_set(at::training);
  const double eps = call.real(at::eps);
  if (kiln_status s = training ? check_training(call, eps) : expect_statistics(call, at::running_mean, "training"))
    return s;
  return run_channel_norm(call, {{at::weight, at::bias, at::running_mean, at::running_var},
                                 Sharing::per_channel,
                                 1,
                                 training,
                                 training && call.present[at::running_mean],
                                 call.real(at::momentum),
                                 eps});
}

kiln_status plan_group_norm(Call &call) {
  namespace at = op::group_norm;
  const int64_t groups = call.integer(at::num_groups);
  if (kiln_status s = check_groups(call.input(), groups)) return s;
  return run_channel_norm(
      call, {{at::weight, at::bias, -1, -1}, Sharing::per_group, groups, true, false, 0, call.real(at::eps)});
}

// Statistics of the input are each sample's own; running ones serve all samples.
kiln_status plan_instance_norm(Call &call) {
  namespace at = op::instance_norm;
  const bool measures = call.is_set(at::use_input_stats);
  if (kiln_status s =
          measures ? check_positions(call.input()) : expect_statistics(call, at::running_mean, "use_input_stats"))
    return s;
  return run_channel_norm(call, {{at::weight, at::bias, at::running_mean, at::running_var},
                                 measures ? Sharing::per_group : Sharing::per_channel,
                                 measures ? call.input().shape[1] : 1,
                                 measures,
                                 measures && call.present[at::running_mean],
                                 call.real(at::momentum),
                                 call.real(at::eps)});
}

}  // namespace kiln
