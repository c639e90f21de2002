// normalize on devices.
#pragma once

#include "stages.h"
#include "tensor.h"

namespace kiln {

// Which norm: kernels of their own for the common ones; `mode` tells the general one of p that are limits.
struct Norm {
  const KernelList *kernels;
  double p;
  int32_t mode;  // 0: p finite and not 0; 1: p = 0; 2: p = -infinity
};

// Of arguments that have been checked but for their memory.
kiln_status normalize_on_device(const kiln_context &context, const Tensor &input, const Tensor &output,
                                const bool *reduced, const Norm &norm, double eps);

}  // namespace kiln
