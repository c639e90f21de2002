#include "slices.h"

#include "rows.h"
#include "stages.h"

namespace kiln {
Tensor kept_first(const Tensor &t, const bool *reduced) {
  Tensor moved;
  moved.data = t.data;
  moved.object = t.object;
  moved.device = t.device;
  moved.ndim = t.ndim;
  moved.count = t.count;
  int at = 0;
  for (bool kind : {false, true})
    for (int d = 0; d < t.ndim; ++d) {
      if (reduced[d] != kind) continue;
      moved.shape[at] = t.shape[d];
      moved.strides[at++] = t.strides[d];
    }
  return moved;
}

int number_kept(const Tensor &t, const bool *reduced) {
  int kept = 0;
  for (int d = 0; d < t.ndim; ++d) kept += !reduced[d];
  return kept;
}

namespace {

Tensor leading(const Tensor &t, int ndim) {
  Tensor part;
  part.data = t.data;
  part.ndim = ndim;
  part.count = 1;
  for (int d = 0; d < ndim; ++d) {
    part.shape[d] = t.shape[d];
    part.strides[d] = t.strides[d];
    part.count *= t.shape[d];
  }
  return part;
}

// One segment's indices must fit Halide's 32 bits.
bool reachable(int64_t values, int64_t stride) {
  const int64_t step = stride < 0 ? -stride : stride;
  return step == 0 || (values < kSegment ? values : kSegment) <= (int64_t{1} << 30) / step;
}

}  // namespace

bool Slices::take(const Tensor &input, const Tensor &output, const bool *reduced) {
  return fits(kept_first(input, reduced), kept_first(output, reduced), number_kept(input, reduced));
}

kiln_status Slices::bring(const Tensor &input, const Tensor &output, const bool *reduced) {
  const int kept = number_kept(input, reduced);
  const Tensor in = kept_first(input, reduced), out = kept_first(output, reduced);
  if (fits(in, out, kept)) return KILN_STATUS_OK;
  if (kiln_status status = staged_.allocate(input.count)) return status;
  RowsLayout(in, in.ndim).gather(0, staged_.data());
  target_ = out;
  input_ = output_ = staged_.data();
  form = Form::contiguous;
  outer = 1;
  outer_ndim_ = 0;
  input_s_stride = output_s_stride = 1;
  c = leading(in, kept).count;
  s = input.count / c;
  input_c_stride = output_c_stride = s;
  return KILN_STATUS_OK;
}

bool Slices::fits(const Tensor &in, const Tensor &out, int kept) {
  int64_t extent[KILN_MAX_NDIM], in_stride[KILN_MAX_NDIM], out_stride[KILN_MAX_NDIM];
  if (join_dimensions(in, kept, in.ndim, extent, in_stride) != 1) return false;
  if (join_dimensions(out, kept, out.ndim, extent, out_stride) != 1) return false;
  const ElementwiseLayout slices(leading(in, kept), leading(out, kept));
  s = extent[0];
  input_s_stride = in_stride[0];
  output_s_stride = out_stride[0];
  const bool joined = slices.ndim > 0;
  c = joined ? slices.extent[0] : 1;
  input_c_stride = joined ? slices.input_stride[0] : 1;
  output_c_stride = joined ? slices.output_stride[0] : 1;
  const bool planes = input_s_stride == 1 && output_s_stride == 1, pixels = input_c_stride == 1 && output_c_stride == 1;
  if (!(planes || pixels || s == 1) || !reachable(s, input_s_stride) || !reachable(s, output_s_stride)) return false;
  form = planes || !pixels ? Form::contiguous : Form::channels_last;
  input_ = slices.input;
  output_ = slices.output;
  outer = 1;
  outer_ndim_ = joined ? slices.ndim - 1 : 0;
  for (int d = 0; d < outer_ndim_; ++d) {
    outer *= outer_extent_[d] = slices.extent[d + 1];
    outer_input_stride_[d] = slices.input_stride[d + 1];
    outer_output_stride_[d] = slices.output_stride[d + 1];
  }
  return true;
}

void Slices::finish() const {
  if (staged_.data()) RowsLayout(target_, target_.ndim).scatter(0, staged_.data());
}

int64_t Slices::offset(int64_t group, const int64_t *strides) const {
  int64_t at = 0;
  for (int d = 0; d < outer_ndim_; ++d) {
    at += group % outer_extent_[d] * strides[d];
    group /= outer_extent_[d];
  }
  return at;
}

const float *Slices::input(int64_t group) const { return input_ + offset(group, outer_input_stride_); }
float *Slices::output(int64_t group) const { return output_ + offset(group, outer_output_stride_); }

}  // namespace kiln
