// kiln_group_norm: groups of channels of each sample.
#include <inttypes.h>

#include "arguments.h"
#include "channel_norm_on_device.h"

namespace kiln {
namespace {

kiln_status check_groups(const Tensor &input, int64_t num_groups) {
  const int64_t samples = input.shape[0], channels = input.shape[1];
  if (num_groups < 1)
    return fail(KILN_STATUS_INVALID_ARGUMENT, "num_groups: expected 1 or more, got %" PRId64, num_groups);
  if (channels % num_groups != 0)
    return fail(KILN_STATUS_INVALID_ARGUMENT,
                "num_groups: expected a divisor of the number of channels, %" PRId64 ", got %" PRId64, channels,
                num_groups);
  if (samples == 0) return KILN_STATUS_OK;
  if (input.count == 0)
    return fail(KILN_STATUS_INVALID_ARGUMENT, "input: expected 1 or more values per group, got shape %s",
                ShapeText(input).text);
  if (samples == 1 && input.count / num_groups == 1)
    return fail(KILN_STATUS_INVALID_ARGUMENT,
                "input: expected more than 1 value per group where there is 1 sample, got shape %s in %" PRId64
                " groups",
                ShapeText(input).text, num_groups);
  return KILN_STATUS_OK;
}

}  // namespace
}  // namespace kiln

kiln_status kiln_group_norm(const kiln_context *context, const DLTensor *given_input, int64_t num_groups,
                            const DLTensor *given_weight, const DLTensor *given_bias, double eps,
                            DLTensor *given_output) {
  using namespace kiln;
  Tensor input, output;
  Parameter weight, bias;
  if (kiln_status s = read_input_and_output(given_input, given_output, &input, &output)) return s;
  if (kiln_status s = expect_rank("input", input, 2)) return s;
  if (kiln_status s = check_groups(input, num_groups)) return s;
  if (kiln_status s = weight.read("weight", given_weight, 1, input.shape + 1, "channels", output, 1.0f)) return s;
  if (kiln_status s = bias.read("bias", given_bias, 1, input.shape + 1, "channels", output, -0.0f)) return s;
  if (kiln_status s = check_eps(eps)) return s;
  if (input.device.device_type != kDLCPU)
    return run_on_device(settings(context), {&input, &output, weight.tensor(), bias.tensor(), nullptr, nullptr, true,
                                             false, 0, eps, Sharing::per_group, num_groups, Samples::apart});
  if (input.count == 0) return KILN_STATUS_OK;
  ChannelPair pair;
  if (kiln_status s = pair.bring(input, output, Samples::apart)) return s;
  ChannelStatistics statistics;
  if (kiln_status s =
          statistics.prepare(settings(context), pair.input(), pair.output(), Sharing::per_group, num_groups))
    return s;
  if (kiln_status s = statistics.normalize({weight.data(), weight.stride()}, {bias.data(), bias.stride()}, eps))
    return s;
  pair.finish();
  return KILN_STATUS_OK;
}
