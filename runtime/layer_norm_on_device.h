// layer_norm on devices.
#pragma once

#include "context.h"
#include "tensor.h"

namespace kiln {

// Of arguments that have been checked but for their memory; weight and bias NULL where absent.
kiln_status layer_norm_on_device(const kiln_context &context, const Tensor &input, int normalized_ndim,
                                 const Tensor *weight, const Tensor *bias, double eps, const Tensor &output);

}  // namespace kiln
