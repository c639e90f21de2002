// The gradients of normalizations in float64, from their definitions (docs/promises/gradients.md): of grad_output, with
// respect to the input, the weight and the bias. Nothing here knows of the kernels.
#pragma once

#include <cstdint>
#include <vector>

#include "oracle/oracle.h"

namespace kiln::oracle {

// Of each element: the value, and the sum of the magnitudes of the terms that it is the sum of, which an error is
// relative to.
struct Gradients {
  std::vector<Normalized> grad_input;
  std::vector<Normalized> grad_weight, grad_bias;  // empty where the operator has no such parameter
};

// Tensors are as in oracle.h; grad_output is as dense as x.
Gradients layer_norm_backward(const float *grad_output, const float *x, int64_t rows, int64_t length,
                              const float *weight, double eps);
Gradients rms_norm_backward(const float *grad_output, const float *x, int64_t rows, int64_t length, const float *weight,
                            double eps);
Gradients group_norm_backward(const float *grad_output, const float *x, const Volume &volume, int64_t num_groups,
                              const float *weight, double eps);
// By the running statistics where not `training`; of `parameters` the bias is not used.
Gradients batch_norm_backward(const float *grad_output, const float *x, const Volume &volume,
                              const ChannelParameters &parameters, bool training, double eps);
Gradients instance_norm_backward(const float *grad_output, const float *x, const Volume &volume,
                                 const ChannelParameters &parameters, bool use_input_stats, double eps);
Gradients local_response_norm_backward(const float *grad_output, const float *x, const Volume &volume, int64_t size,
                                       double alpha, double beta, double k);
Gradients normalize_backward(const float *grad_output, const float *x, const std::vector<int64_t> &shape, double p,
                             const std::vector<int64_t> &dim, double eps);

}  // namespace kiln::oracle
