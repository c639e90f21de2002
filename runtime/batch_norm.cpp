// kiln_batch_norm: channels over all samples.
#include "channel_statistics.h"
#include "running_statistics.h"

namespace kiln {
namespace {

struct Arguments {
  Tensor input, output;
  Parameter weight, bias;
  RunningStatistics running;
  bool training;
  double momentum, eps;
};

kiln_status check_training(const Arguments &a) {
  const int64_t channels = a.input.shape[1];
  if (channels > 0 && a.input.count / channels == 1)
    return fail(KILN_STATUS_INVALID_ARGUMENT,
                "input: expected more than 1 value per channel, which training needs, got shape %s",
                ShapeText(a.input).text);
  if (!(a.eps > 0))
    return fail(KILN_STATUS_INVALID_ARGUMENT, "eps: expected more than 0 where training, got %g", a.eps);
  return KILN_STATUS_OK;
}

kiln_status run(const kiln_context &context, Arguments &a) {
  if (a.input.count == 0) return KILN_STATUS_OK;
  ChannelPair pair;
  if (kiln_status s = pair.bring(a.input, a.output, Samples::as_positions)) return s;
  ChannelStatistics statistics;
  if (kiln_status s = statistics.prepare(context, pair.input(), pair.output(), Sharing::per_channel, 1)) return s;
  const ChannelParameter weight{a.weight.data(), a.weight.stride()}, bias{a.bias.data(), a.bias.stride()};
  if (a.training) {
    if (a.running.present()) statistics.keep_variances();
    if (kiln_status s = statistics.measure(a.eps)) return s;
  } else {
    statistics.use(a.running.mean(), a.running.variance());
  }
  if (kiln_status s = statistics.derive_coefficients(weight, bias, a.eps)) return s;
  const bool updates = a.training && a.running.present();
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
  Arguments a{};
  a.training = training != 0;
  a.momentum = momentum;
  a.eps = eps;
  if (kiln_status s = read_input_and_output(input, output, &a.input, &a.output)) return s;
  if (kiln_status s = expect_rank("input", a.input, 2)) return s;
  const int64_t *channels = a.input.shape + 1;
  if (kiln_status s = a.running.read(running_mean, running_var, *channels, a.input, a.output, a.training)) return s;
  if (!a.training)
    if (kiln_status s = a.running.require("training = 0")) return s;
  if (kiln_status s = a.weight.read("weight", weight, 1, channels, "channels", a.output, 1.0f)) return s;
  if (kiln_status s = a.bias.read("bias", bias, 1, channels, "channels", a.output, -0.0f)) return s;
  if (kiln_status s = a.running.keep_apart("weight", weight)) return s;
  if (kiln_status s = a.running.keep_apart("bias", bias)) return s;
  if (kiln_status s = check_momentum(momentum)) return s;
  if (kiln_status s = check_eps(eps)) return s;
  if (a.training)
    if (kiln_status s = check_training(a)) return s;
  return run(settings(context), a);
}
