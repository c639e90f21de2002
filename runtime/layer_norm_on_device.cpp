#include "layer_norm_on_device.h"

#include "integers.h"
#include "on_device.h"
#include "rows.h"
#include "status.h"

namespace kiln {
namespace {

// The longest row that one block takes: its segments' partial results are 24 KiB of the 32 that every device has.
constexpr int64_t kLongestRow = 2 * kSegment;

struct Rows {
  float *input, *output;
  int64_t count, input_stride, output_stride;
};

class Run {
 public:
  Run(const Tensor &input, int normalized_ndim, const Tensor *weight, const Tensor *bias, double eps,
      const Tensor &output)
      : input_(input),
        output_(output),
        row_ndim_(normalized_ndim),
        weight_(weight),
        bias_(bias),
        eps_(eps),
        in_(input, normalized_ndim),
        out_(output, normalized_ndim) {}
  kiln_status operator()(const kiln_context &context);

 private:
  bool whole_rows() const { return in_.length <= kLongestRow; }
  kiln_status prepare();
  kiln_status choose();
  kiln_status rows(const Rows &r);
  kiln_status long_rows(const Rows &r);
  kiln_status derive(int64_t rows, const DeviceValues<double> &partial, const DeviceValues<double> &statistics,
                     const DeviceValues<float> &coefficients);
  kiln_status apply(const Rows &r, const DeviceValues<float> &coefficients);
  Buffer<1> of_positions(const DeviceParameter &p) const { return Buffer<1>(p.data, {in_.length}, {p.stride}); }
  // One value for all is no vector.
  bool whole_values(const DeviceParameter &p) const { return p.stride == 0 || whole_vectors(call_, p.data); }
  bool vectors(const float *x, const float *y) const {
    return whole_vectors(call_, x) && whole_vectors(call_, y) && whole_values(w_) && whole_values(b_);
  }

  const Tensor &input_, &output_;
  int row_ndim_;
  const Tensor *weight_, *bias_;
  double eps_;
  DeviceCall call_;
  DevicePair pair_;
  RowsLayout in_, out_;
  DeviceParameter w_{}, b_{};
  Stage whole_, moments_, join_, derive_, apply_;
};

kiln_status Run::choose() {
  if (whole_rows()) return whole_.choose(layer_norm_kernels, &call_, Form::rows);
  if (kiln_status s = moments_.choose(channel_moments_kernels, &call_, Form::contiguous)) return s;
  if (kiln_status s = join_.choose(combine_moments_kernels, &call_, Form::combine)) return s;
  if (kiln_status s = derive_.choose(channel_coefficients_kernels, &call_, Form::combine)) return s;
  return apply_.choose(row_apply_kernels, &call_, Form::rows);
}

kiln_status Run::prepare() {
  if (kiln_status s = pair_.check(&call_, input_, output_)) return s;
  if (kiln_status s = check_on_device(&call_, "weight", weight_)) return s;
  if (kiln_status s = check_on_device(&call_, "bias", bias_)) return s;
  if (input_.count == 0) return KILN_STATUS_OK;
  if (!pair_.may_stay() || !in_.dense() || !out_.dense())
    if (kiln_status s = pair_.stage()) return s;
  if (in_.length > kMostInLaunch)
    return fail(KILN_STATUS_UNSUPPORTED, "input: expected rows of at most 2^30 values on a device, got shape %s",
                ShapeText(input_).text);
  if (kiln_status s = find_parameter(&call_, "weight", weight_, Neutral::weight, &w_)) return s;
  if (kiln_status s = find_parameter(&call_, "bias", bias_, Neutral::bias, &b_)) return s;
  return choose();
}

kiln_status Run::rows(const Rows &r) {
  Buffer<2> x(r.input, {in_.length, r.count}, {1, r.input_stride}),
      y(r.output, {in_.length, r.count}, {1, r.output_stride});
  Buffer<1> weight = of_positions(w_), bias = of_positions(b_);
  x.on(pair_.input().object, false);
  if (!vectors(r.input, r.output)) begin_before(&x);
  return whole_(x.get(), weight.on(w_.object, false).get(), bias.on(b_.object, false).get(), eps_,
                y.on(pair_.output().object, true).get());
}

kiln_status Run::derive(int64_t rows, const DeviceValues<double> &partial, const DeviceValues<double> &statistics,
                        const DeviceValues<float> &coefficients) {
  const int64_t segments = segments_in(in_.length);
  Buffer<4> parts(partial.data, {rows, 1, segments, 2}, {1, 0, rows, segments * rows});
  Buffer<2> joined(statistics.data, {rows, 2}, {1, rows});
  if (kiln_status s =
          join_(parts.on(partial.object, false).get(), in_.length, joined.on(statistics.object, true).get()))
    return s;
  DeviceParameter one{}, minus_zero{};
  if (kiln_status s = neutral_parameter(&call_, Neutral::weight, &one)) return s;
  if (kiln_status s = neutral_parameter(&call_, Neutral::bias, &minus_zero)) return s;
  Buffer<2> weight(one.data, {rows, 1}, {0, 0}), bias(minus_zero.data, {rows, 1}, {0, 0});
  Buffer<4> from(statistics.data, {rows, 1, 1, 2}, {1, 0, 0, rows});
  Buffer<4> to(coefficients.data, {rows, 1, 1, 4}, {1, 0, 0, rows});
  return derive_(from.on(statistics.object, false).get(), weight.on(one.object, false).get(),
                 bias.on(minus_zero.object, false).get(), eps_, to.on(coefficients.object, true).get());
}

kiln_status Run::apply(const Rows &r, const DeviceValues<float> &coefficients) {
  const int64_t most = min(r.count, max(1, kMostInLaunch / in_.length));
  for (int64_t first = 0; first < r.count; first += most) {
    const int64_t rows = min(most, r.count - first);
    const float *in = r.input + first * r.input_stride;
    float *out = r.output + first * r.output_stride;
    Buffer<2> x(in, {in_.length, rows}, {1, r.input_stride}), y(out, {in_.length, rows}, {1, r.output_stride});
    Buffer<2> by(coefficients.data + first, {rows, 4}, {1, r.count});
    Buffer<1> weight = of_positions(w_), bias = of_positions(b_);
    x.on(pair_.input().object, false);
    if (!vectors(in, out)) begin_before(&x);
    if (kiln_status s = apply_(x.get(), by.on(coefficients.object, false).get(), weight.on(w_.object, false).get(),
                               bias.on(b_.object, false).get(), y.on(pair_.output().object, true).get()))
      return s;
  }
  return KILN_STATUS_OK;
}

kiln_status Run::long_rows(const Rows &r) {
  DeviceScratch partial, statistics, coefficients;
  if (kiln_status s = partial.allocate(&call_, 2 * segments_in(in_.length) * r.count * sizeof(double))) return s;
  if (kiln_status s = statistics.allocate(&call_, 2 * r.count * sizeof(double))) return s;
  if (kiln_status s = coefficients.allocate(&call_, 4 * r.count * sizeof(float))) return s;
  const auto segments = values_in<double>(partial.memory());
  const auto by = values_in<float>(coefficients.memory());
  const ChannelLayout planes = {r.input, 1, r.count, in_.length, 0, r.input_stride, 1};
  if (kiln_status s = measure_on_device(call_, moments_, Form::contiguous, planes, pair_.input().object, segments, eps_))
    return s;
  if (kiln_status s = derive(r.count, segments, values_in<double>(statistics.memory()), by)) return s;
  return apply(r, by);
}

kiln_status Run::operator()(const kiln_context &context) {
  if (kiln_status s = call_.begin(context, input_.device)) return s;
  if (kiln_status s = prepare()) return s;
  if (input_.count == 0) return KILN_STATUS_OK;
  if (kiln_status s = pair_.bring()) return s;
  in_ = RowsLayout(pair_.input(), row_ndim_);
  out_ = RowsLayout(pair_.output(), row_ndim_);
  const int64_t in = in_.outer_stride[0], out = out_.outer_stride[0];
  const int64_t most = min(addressable(in, out, 30), max(1, kMostInLaunch / in_.length));
  for (int64_t r = 0; r < in_.count;) {
    const int64_t count = min(out_.run(r, in_.run(r, in_.count - r)), most);
    const Rows part = {in_.row(r), out_.row(r), count, in, out};
    if (kiln_status s = whole_rows() ? rows(part) : long_rows(part)) return s;
    r += count;
  }
  return pair_.finish();
}

}  // namespace

kiln_status layer_norm_on_device(const kiln_context &context, const Tensor &input, int normalized_ndim,
                                 const Tensor *weight, const Tensor *bias, double eps, const Tensor &output) {
  return Run(input, normalized_ndim, weight, bias, eps, output)(context);
}

}  // namespace kiln
