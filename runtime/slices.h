// A tensor as slices of values that are reduced together, whichever dimensions those are.
#pragma once

#include "elementwise_layout.h"
#include "kernel.h"
#include "scratch.h"

namespace kiln {

// The same elements with the dimensions that are kept first, each kind in its order.
Tensor kept_first(const Tensor &tensor, const bool *reduced);
int number_kept(const Tensor &tensor, const bool *reduced);

// Input and output as slices: `s` values each, a step of one stride apart in the order of the logical index; slices c
// next to each other; groups of those (`outer`) anywhere. Tensors that lie otherwise pass through dense memory.
class Slices {
 public:
  // reduced[d] says whether dimension d is within a slice.
  kiln_status bring(const Tensor &input, const Tensor &output, const bool *reduced);
  void finish() const;
  // The same without a copy; false where they lie otherwise.
  bool take(const Tensor &input, const Tensor &output, const bool *reduced);

  int64_t s = 1, input_s_stride = 1, output_s_stride = 1;
  int64_t c = 1, input_c_stride = 0, output_c_stride = 0;
  int64_t outer = 1;
  Form form = Form::contiguous;

  // The first value of slice 0 of a group.
  const float *input(int64_t group) const;
  float *output(int64_t group) const;
  // Groups that lie a single step apart, from each multiple of their number on.
  int64_t run() const { return outer_ndim_ > 0 ? outer_extent_[0] : 1; }
  int64_t input_run_stride() const { return outer_ndim_ > 0 ? outer_input_stride_[0] : 0; }
  int64_t output_run_stride() const { return outer_ndim_ > 0 ? outer_output_stride_[0] : 0; }

 private:
  bool fits(const Tensor &in, const Tensor &out, int kept);
  int64_t offset(int64_t group, const int64_t *strides) const;

  const float *input_ = nullptr;
  float *output_ = nullptr;
  int outer_ndim_ = 0;
  int64_t outer_extent_[KILN_MAX_NDIM], outer_input_stride_[KILN_MAX_NDIM], outer_output_stride_[KILN_MAX_NDIM];
  Tensor target_;
  Scratch staged_;
};

}  // namespace kiln
