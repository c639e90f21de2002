// An elementwise operator's tensors as few dimensions as they allow.
#pragma once

#include "tensor.h"

namespace kiln {

// Two tensors of one shape, walked together: dimensions sorted by the output's stride, innermost first, with those of
// extent 1 dropped, negative output strides turned round, and neighbours joined where both tensors step through them as
// through one. Every element is visited once; which index it had no longer matters.
struct ElementwiseLayout {
  const float *input;
  float *output;
  int ndim = 0;
  int64_t extent[KILN_MAX_NDIM];
  int64_t input_stride[KILN_MAX_NDIM];
  int64_t output_stride[KILN_MAX_NDIM];

  ElementwiseLayout(const Tensor &input, const Tensor &output);

  // One run of adjacent memory in both.
  bool dense() const { return ndim == 0 || (ndim == 1 && input_stride[0] == 1 && output_stride[0] == 1); }

 private:
  void insert(int64_t extent, int64_t input_stride, int64_t output_stride);
  void join();
};

}  // namespace kiln
