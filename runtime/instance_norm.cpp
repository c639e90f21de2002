// kiln_instance_norm: each channel of each sample.
#include "channel_norm_on_device.h"
#include "running_statistics.h"

namespace kiln {
namespace {

kiln_status check_positions(const Tensor &input) {
  int64_t positions = 1;
  for (int d = 2; d < input.ndim; ++d) positions *= input.shape[d];
  if (positions != 1) return KILN_STATUS_OK;
  return fail(KILN_STATUS_INVALID_ARGUMENT,
              "input: expected more than 1 spatial value, which use_input_stats needs, got shape %s",
              ShapeText(input).text);
}

kiln_status run(const kiln_context &context, RunningArguments &a) {
  if (a.input.device.device_type != kDLCPU)
    return a.measures ? run_on_device(context, a, true, Sharing::per_group, a.input.shape[1], Samples::apart)
                      : run_on_device(context, a, false, Sharing::per_channel, 1, Samples::as_positions);
  if (a.input.count == 0) return KILN_STATUS_OK;
  ChannelPair pair;
  const Samples samples = a.measures ? Samples::apart : Samples::as_positions;
  if (kiln_status s = pair.bring(a.input, a.output, samples)) return s;
  ChannelStatistics statistics;
  const ChannelParameter weight{a.weight.data(), a.weight.stride()}, bias{a.bias.data(), a.bias.stride()};
  if (!a.measures) {
    if (kiln_status s = statistics.prepare(context, pair.input(), pair.output(), Sharing::per_channel, 1)) return s;
    if (kiln_status s = statistics.use(a.running.mean(), a.running.variance())) return s;
    if (kiln_status s = statistics.derive_coefficients(weight, bias, a.eps)) return s;
    if (kiln_status s = statistics.apply()) return s;
    pair.finish();
    return KILN_STATUS_OK;
  }
  if (kiln_status s = statistics.prepare(context, pair.input(), pair.output(), Sharing::per_group, a.input.shape[1]))
    return s;
  if (a.running.present()) {
    statistics.keep_variances();
    if (kiln_status s = a.running.allocate()) return s;
  }
  if (kiln_status s = statistics.normalize(weight, bias, a.eps)) return s;
  if (a.running.present())
    if (kiln_status s = statistics.update(a.running.mean(), a.running.variance(), a.momentum, a.running.new_mean(),
                                          a.running.new_variance()))
      return s;
  pair.finish();
  if (a.running.present()) a.running.store();
  return KILN_STATUS_OK;
}

}  // namespace
}  // namespace kiln

kiln_status kiln_instance_norm(const kiln_context *context, const DLTensor *input, DLTensor *running_mean,
                               DLTensor *running_var, const DLTensor *weight, const DLTensor *bias, int use_input_stats,
                               double momentum, double eps, DLTensor *output) {
  using namespace kiln;
  RunningArguments a{};
  a.measures = use_input_stats != 0;
  a.momentum = momentum;
  a.eps = eps;
  if (kiln_status s = a.read(input, running_mean, running_var, weight, bias, "use_input_stats = 0", output)) return s;
  if (a.measures)
    if (kiln_status s = check_positions(a.input)) return s;
  return run(settings(context), a);
}
