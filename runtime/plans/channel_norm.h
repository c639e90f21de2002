// Normalizing by mean and variance of channels. batch_norm, group_norm and instance_norm are this with other arguments.
#pragma once

#include "reduction.h"

namespace kiln {

// Which values share a mean and a variance: those of a channel in all samples, or those of a group of channels in one.
enum class Sharing { per_channel, per_group };

// The places of tensors in the operator's row; -1 for what it has not.
struct ChannelTensors {
  int weight, bias, running_mean, running_var;
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

}  // namespace kiln
