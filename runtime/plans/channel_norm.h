// Normalizing by mean and variance of channels. batch_norm, group_norm and instance_norm are this with other arguments.
#pragma once

#include "reduction.h"

namespace kiln {

// Which values share a mean and a variance: those of a channel in all samples, or those of a group of channels in one.
enum class Sharing { per_channel, per_group };

// The places of tensors in the operator's row, or kNoTensor.
struct ChannelTensors {
  int weight, bias, running_mean, running_var;
  int mean, rstd;  // the batch's, written where they are measured
};

struct ChannelNorm {
  ChannelTensors tensors;
  Sharing sharing;
  int64_t groups;   // of a sample's channels; 1 where sharing is per channel
  bool measures;    // mean and variance are the input's, not the running ones
  bool updates;     // the running statistics are written
  double momentum;  // of the update
  double eps;
};

kiln_status run_channel_norm(Call &call, const ChannelNorm &norm);

// What each operator asks of its arguments, with or without the statistics that it writes.
kiln_status run_batch_norm(Call &call, const ChannelTensors &tensors, bool training, double momentum, double eps);
kiln_status run_group_norm(Call &call, const ChannelTensors &tensors, int64_t groups, double eps);
kiln_status run_instance_norm(Call &call, const ChannelTensors &tensors, bool measures, double momentum, double eps);

}  // namespace kiln
