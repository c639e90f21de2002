// kiln_batch_norm: channels over all samples.
#include "channel_norm_on_device.h"
#include "running_statistics.h"

namespace kiln {
namespace {

kiln_status check_training(const RunningArguments &a) {
  const int64_t channels = a.input.shape[1];
  if (channels > 0 && a.input.count / channels == 1)
    return fail(KILN_STATUS_INVALID_ARGUMENT,
                "input: expected more than 1 value per channel, which training needs, got shape %s",
                ShapeText(a.input).text);
  if (!(a.eps > 0))
    return fail(KILN_STATUS_INVALID_ARGUMENT, "eps: expected more than 0 where training, got %g", a.eps);
  return KILN_STATUS_OK;
}

kiln_status run(const kiln_context &context, RunningArguments &a) {
  if (a.input.device.device_type != kDLCPU)
    return run_on_device(context, a, a.measures, Sharing::per_channel, 1, Samples::as_positions);
  if (a.input.count == 0) return KILN_STATUS_OK;
  ChannelPair pair;
  if (kiln_status s = pair.bring(a.input, a.output, Samples::as_positions)) return s;
  ChannelStatistics statistics;
  if (kiln_status s = statistics.prepare(context, pair.input(), pair.output(), Sharing::per_channel, 1)) return s;
  const ChannelParameter weight{a.weight.data(), a.weight.stride()}, bias{a.bias.data(), a.bias.stride()};
  if (a.measures) {
    if (a.running.present()) statistics.keep_variances();
    if (kiln_status s = statistics.measure(a.eps)) return s;
  } else {
    if (kiln_status s = statistics.use(a.running.mean(), a.running.variance())) return s;
  }
  if (kiln_status s = statistics.derive_coefficients(weight, bias, a.eps)) return s;
  const bool updates = a.measures && a.running.present();
  if (updates) {
    if (kiln_status s = a.running.allocate()) return s;
    if (kiln_status s = statistics.update(a.running.mean(), a.running.variance(), a.momentum, a.running.new_mean(),
                                          a.running.new_variance()))
      return s;
  }
  if (kiln_status s = statistics.apply()) return s;
  pair.finish();
  if (updates) a.running.store();
  return KILN_STATUS_OK;
}

}  // namespace
}  // namespace kiln

kiln_status kiln_batch_norm(const kiln_context *context, const DLTensor *input, DLTensor *running_mean,
                            DLTensor *running_var, const DLTensor *weight, const DLTensor *bias, int training,
                            double momentum, double eps, DLTensor *output) {
  using namespace kiln;
  RunningArguments a{};
  a.measures = training != 0;
  a.momentum = momentum;
  a.eps = eps;
  if (kiln_status s = a.read(input, running_mean, running_var, weight, bias, "training = 0", output)) return s;
  if (a.measures)
    if (kiln_status s = check_training(a)) return s;
  return run(settings(context), a);
}
