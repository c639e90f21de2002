// batch_norm, group_norm and instance_norm on devices: the same stages as on the CPU, one launch each for all samples.
#pragma once

#include "channel_statistics.h"
#include "running_statistics.h"

namespace kiln {

// Arguments that have been checked but for their memory.
struct ChannelNorm {
  const Tensor *input, *output;
  const Tensor *weight, *bias;    // NULL: none
  const Tensor *mean, *variance;  // running statistics; NULL: none
  bool measures;                  // mean and variance are the input's
  bool updates;                   // the running statistics are written
  double momentum, eps;
  Sharing sharing;
  int64_t groups;  // 1 where sharing is per channel
  Samples samples;
};
kiln_status run_on_device(const kiln_context &context, const ChannelNorm &norm);

// The same from what batch_norm and instance_norm were given.
kiln_status run_on_device(const kiln_context &context, const RunningArguments &a, bool measures, Sharing sharing,
                          int64_t groups, Samples samples);

}  // namespace kiln
