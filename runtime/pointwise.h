// Elementwise operators: output[i] = f(input[i]).
#pragma once

#include "device/device.h"
#include "kernel.h"
#include "tensor.h"

namespace kiln {

// Forms dense and aligned (1 dimension, both strides 1), strided (2 dimensions, any strides) and boxes (4, any strides;
// a fifth of the input says where it begins).
using PointwiseKernel = int (*)(const void *user_context, halide_buffer_t *input, halide_buffer_t *output);

// Checks the arguments and computes `output` with the operator's kernels.
kiln_status run_pointwise(const KernelList &kernels, const kiln_context *context, const DLTensor *input,
                          DLTensor *output);

// The same on a device, for arguments that have been checked but for their memory.
kiln_status run_pointwise_on_device(const KernelList &kernels, const kiln_context &context, const Tensor &input,
                                    const Tensor &output);

// Copies a tensor on a device to another of its shape there, whatever their strides; `copy` is the kernel.
kiln_status copy_on_device(DeviceCall *call, const Kernel &copy, const Tensor &from, const Tensor &to);

}  // namespace kiln
