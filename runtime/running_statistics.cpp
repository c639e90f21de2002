#include "running_statistics.h"

#include "overlap.h"
#include "rows.h"
#include "status.h"

namespace kiln {

kiln_status RunningStatistics::read(const DLTensor *mean, const DLTensor *variance, int64_t channels,
                                    const Tensor &input, const Tensor &output, bool written) {
  if (!mean != !variance)
    return fail(KILN_STATUS_INVALID_ARGUMENT,
                "%s: expected running_mean and running_var or neither, got NULL for this one",
                mean ? "running_var" : "running_mean");
  channels_ = channels;
  const int64_t shape[] = {channels};
  if (kiln_status s = mean_.read("running_mean", mean, 1, shape, "channels", output, 0)) return s;
  if (kiln_status s = variance_.read("running_var", variance, 1, shape, "channels", output, 0)) return s;
  if (!mean || !written) return KILN_STATUS_OK;
  written_ = true;
  if (kiln_status s = read_tensor("running_mean", mean, &mean_tensor_)) return s;
  if (kiln_status s = read_tensor("running_var", variance, &variance_tensor_)) return s;
  if (kiln_status s = expect_distinct_elements("running_mean", mean_tensor_)) return s;
  if (kiln_status s = expect_distinct_elements("running_var", variance_tensor_)) return s;
  if (kiln_status s = expect_apart("running_mean", mean_tensor_, "running_var", variance_tensor_)) return s;
  if (kiln_status s = expect_apart("running_mean", mean_tensor_, "input", input)) return s;
  return expect_apart("running_var", variance_tensor_, "input", input);
}

kiln_status RunningStatistics::require(const char *when) const {
  if (present()) return KILN_STATUS_OK;
  return fail(KILN_STATUS_INVALID_ARGUMENT, "running_mean: expected running statistics, which %s needs, got NULL",
              when);
}

kiln_status RunningStatistics::keep_apart(const char *name, const DLTensor *parameter) const {
  if (!parameter || !written_) return KILN_STATUS_OK;
  Tensor tensor;
  if (kiln_status s = read_tensor(name, parameter, &tensor)) return s;
  if (kiln_status s = expect_apart("running_mean", mean_tensor_, name, tensor)) return s;
  return expect_apart("running_var", variance_tensor_, name, tensor);
}

kiln_status RunningStatistics::allocate() { return next_.allocate(2 * channels_); }

void RunningStatistics::store() const {
  if (channels_ == 0) return;
  RowsLayout(mean_tensor_, 1).scatter(0, next_.data());
  RowsLayout(variance_tensor_, 1).scatter(0, next_.data() + channels_);
}

kiln_status RunningArguments::read(const DLTensor *given_input, DLTensor *running_mean, DLTensor *running_var,
                                   const DLTensor *given_weight, const DLTensor *given_bias, const char *setting,
                                   const DLTensor *given_output) {
  if (kiln_status s = read_input_and_output(given_input, given_output, &input, &output)) return s;
  if (kiln_status s = expect_rank("input", input, 2)) return s;
  const int64_t *channels = input.shape + 1;
  if (kiln_status s = running.read(running_mean, running_var, *channels, input, output, measures)) return s;
  if (!measures)
    if (kiln_status s = running.require(setting)) return s;
  if (kiln_status s = weight.read("weight", given_weight, 1, channels, "channels", output, 1.0f)) return s;
  if (kiln_status s = bias.read("bias", given_bias, 1, channels, "channels", output, -0.0f)) return s;
  if (kiln_status s = running.keep_apart("weight", given_weight)) return s;
  if (kiln_status s = running.keep_apart("bias", given_bias)) return s;
  if (kiln_status s = check_momentum(momentum)) return s;
  return check_eps(eps);
}

}  // namespace kiln
