// Elementwise operators: output[i] = f(input[i]).
#pragma once

#include "kernel.h"

namespace kiln {

// Forms dense (1 dimension, both strides 1) and strided (2 dimensions, any strides).
using PointwiseKernel = int (*)(const void *user_context, halide_buffer_t *input, halide_buffer_t *output);

// Checks the arguments and computes `output` with the operator's kernels.
kiln_status run_pointwise(const KernelList &kernels, const kiln_context *context, const DLTensor *input,
                          DLTensor *output);

}  // namespace kiln
