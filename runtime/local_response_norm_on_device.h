// local_response_norm on devices.
#pragma once

#include "stages.h"
#include "tensor.h"

namespace kiln {

// The scalars of the kernels, in their order: neighbours in the window, what the sum of squares is divided by.
struct ResponseArguments {
  int32_t before, after;
  double size, alpha, beta, k;
};

// Of arguments that have been checked but for their memory.
kiln_status local_response_norm_on_device(const kiln_context &context, const KernelList &kernels,
                                          const ResponseArguments &arguments, const Tensor &input,
                                          const Tensor &output);

}  // namespace kiln
