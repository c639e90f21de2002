#include "channel_statistics.h"
#include "rows.h"

namespace kiln {

bool common_form(const ChannelLayout &a, const ChannelLayout &b, Form *form) {
  const bool planes = a.planes() && b.planes(), pixels = a.pixels() && b.pixels();
  *form = planes && !(pixels && a.s == 1) ? Form::contiguous : Form::channels_last;
  return planes || pixels;
}

namespace {

// With one position, takes the samples as positions: a channel is then one plane of n values.
void turn(ChannelLayout *l) {
  if (l->s == 1) *l = {l->data, 1, l->c, l->n, 0, l->c_stride, l->n_stride};
}

}  // namespace

bool layouts_in_common(const Tensor &input, const Tensor &output, Samples samples, ChannelLayout *in,
                       ChannelLayout *out, Form *form) {
  if (!channel_layout(input, in) || !channel_layout(output, out)) return false;
  if (samples == Samples::as_positions) {
    turn(in);
    turn(out);
  }
  return common_form(*in, *out, form);
}

kiln_status ChannelPair::bring(const Tensor &input, const Tensor &output, Samples samples) {
  if (layouts_in_common(input, output, samples, &in_, &out_, &form_)) return KILN_STATUS_OK;
  if (kiln_status s = staged_.allocate(input.count)) return s;
  RowsLayout(input, input.ndim).gather(0, staged_.data());
  in_ = dense_planes(staged_.data(), input.shape[0], input.shape[1], input.count / input.shape[0] / input.shape[1]);
  if (samples == Samples::as_positions) turn(&in_);
  out_ = in_;
  common_form(in_, out_, &form_);
  target_ = &output;
  return KILN_STATUS_OK;
}

void ChannelPair::finish() const {
  if (target_) RowsLayout(*target_, target_->ndim).scatter(0, staged_.data());
}

}  // namespace kiln
