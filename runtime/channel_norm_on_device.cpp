#include "channel_norm_on_device.h"

#include "on_device.h"

namespace kiln {
namespace {

class Run {
 public:
  explicit Run(const ChannelNorm &norm) : a_(norm) {}
  kiln_status operator()(const kiln_context &context);

 private:
  kiln_status prepare();
  kiln_status choose();
  kiln_status allocate();
  kiln_status measure();
  kiln_status use();
  kiln_status derive();
  kiln_status apply();
  kiln_status update();

  bool lay_out() { return layouts_in_common(pair_.input(), pair_.output(), a_.samples, &in_, &out_, &form_); }
  bool per_group() const { return a_.sharing == Sharing::per_group; }
  int64_t samples() const { return per_group() ? in_.n : 1; }  // that have statistics of their own
  int64_t inside() const { return in_.c / a_.groups; }
  const ChannelNorm &a_;
  DeviceCall call_;
  DevicePair pair_;
  ChannelLayout in_, out_;
  Form form_ = Form::contiguous;
  int64_t segments_ = 0;
  DeviceParameter weight_{}, bias_{};
  Stage moments_, join_, given_, derive_, apply_, update_;
  // partial: [k][segment][n][c]; statistics: [k][sample][group or channel]; coefficients: [k][sample][c]
  DeviceScratch partial_, statistics_, coefficients_;
};

kiln_status Run::choose() {
  if (kiln_status s = moments_.choose(channel_moments_kernels, &call_, form_)) return s;
  if (kiln_status s = join_.choose(combine_moments_kernels, &call_, Form::combine)) return s;
  if (kiln_status s = given_.choose(given_statistics_kernels, &call_, Form::combine)) return s;
  if (kiln_status s = derive_.choose(channel_coefficients_kernels, &call_, Form::combine)) return s;
  if (kiln_status s = update_.choose(update_statistics_kernels, &call_, Form::combine)) return s;
  return apply_.choose(channel_apply_kernels, &call_, form_);
}

kiln_status Run::prepare() {
  if (kiln_status s = pair_.check(&call_, *a_.input, *a_.output)) return s;
  if (kiln_status s = check_on_device(&call_, "weight", a_.weight)) return s;
  if (kiln_status s = check_on_device(&call_, "bias", a_.bias)) return s;
  if (kiln_status s = check_on_device(&call_, "running_mean", a_.mean)) return s;
  if (kiln_status s = check_on_device(&call_, "running_var", a_.variance)) return s;
  if (a_.input->count == 0) return KILN_STATUS_OK;
  if (!pair_.may_stay() || !lay_out()) {
    if (kiln_status s = pair_.stage()) return s;
    lay_out();
  }
  segments_ = segments_in(in_.s);
  if (in_.n * segments_ > INT32_MAX / (2 * in_.c))
    return fail(KILN_STATUS_UNSUPPORTED,
                "input: expected fewer than 2^30 planes on a device, got %lld samples of %lld channels",
                static_cast<long long>(in_.n), static_cast<long long>(in_.c));
  if (kiln_status s = find_parameter(&call_, "weight", a_.weight, Neutral::weight, &weight_)) return s;
  if (kiln_status s = find_parameter(&call_, "bias", a_.bias, Neutral::bias, &bias_)) return s;
  return choose();
}

kiln_status Run::allocate() {
  const int64_t shared = samples() * (per_group() ? a_.groups : in_.c);
  if (a_.measures)
    if (kiln_status s = partial_.allocate(&call_, 2 * in_.c * in_.n * segments_ * sizeof(double))) return s;
  if (kiln_status s = statistics_.allocate(&call_, 2 * shared * sizeof(double))) return s;
  return coefficients_.allocate(&call_, 4 * samples() * in_.c * sizeof(float));
}

kiln_status Run::measure() {
  const int64_t c = in_.c, planes = in_.n * c;
  const auto partial = values_in<double>(partial_.memory()), statistics = values_in<double>(statistics_.memory());
  // A block of threads takes neighbouring channels: those of all samples where they are evenly apart.
  const bool even = in_.n_stride == c * in_.c_stride;
  const ChannelLayout in = even ? ChannelLayout{in_.data, 1, planes, in_.s, 0, in_.c_stride, in_.s_stride} : in_;
  if (kiln_status s =
          measure_on_device(call_, moments_, form_, in, pair_.input().object, partial, a_.updates ? 0.0 : a_.eps))
    return s;
  const int64_t joined = per_group() ? in_.n * a_.groups : c;
  Buffer<4> from(partial.data, {joined, per_group() ? inside() : in_.n, segments_, 2},
                 {per_group() ? inside() : 1, per_group() ? 1 : c, planes, segments_ * planes});
  Buffer<2> to(statistics.data, {joined, 2}, {1, joined});
  return join_(from.on(partial.object, false).get(), in_.s, to.on(statistics.object, true).get());
}

kiln_status Run::use() {
  const auto statistics = values_in<double>(statistics_.memory());
  Buffer<1> mean(a_.mean->data, {in_.c}, {a_.mean->strides[0]});
  Buffer<1> variance(a_.variance->data, {in_.c}, {a_.variance->strides[0]});
  Buffer<2> to(statistics.data, {in_.c, 2}, {1, in_.c});
  return given_(mean.on(a_.mean->object, false).get(), variance.on(a_.variance->object, false).get(),
                to.on(statistics.object, true).get());
}

kiln_status Run::derive() {
  const int64_t c = in_.c, g = a_.groups, n = samples();
  const auto statistics = values_in<double>(statistics_.memory());
  const auto coefficients = values_in<float>(coefficients_.memory());
  const int64_t w = weight_.stride, b = bias_.stride;
  Buffer<2> weight(weight_.data, {inside(), g}, {w, inside() * w});
  Buffer<2> bias(bias_.data, {inside(), g}, {b, inside() * b});
  Buffer<4> from(statistics.data, {inside(), g, n, 2}, {per_group() ? 0 : 1, 1, g, per_group() ? n * g : c});
  Buffer<4> to(coefficients.data, {inside(), g, n, 4}, {1, inside(), c, n * c});
  return derive_(from.on(statistics.object, false).get(), weight.on(weight_.object, false).get(),
                 bias.on(bias_.object, false).get(), a_.eps, to.on(coefficients.object, true).get());
}

kiln_status Run::apply() {
  const int64_t c = in_.c;
  return apply_on_device(call_, apply_, form_, in_, pair_.input().object, out_, pair_.output().object,
                         {values_in<float>(coefficients_.memory()), 1, per_group() ? c : 0, samples() * c});
}

kiln_status Run::update() {
  const int64_t c = in_.c, n = samples();
  const double count = static_cast<double>(in_.s) * static_cast<double>(per_group() ? 1 : in_.n);
  const auto statistics = values_in<double>(statistics_.memory());
  Buffer<3> from(statistics.data, {c, n, 2}, {1, c, n * c});
  Buffer<1> mean(a_.mean->data, {c}, {a_.mean->strides[0]});
  Buffer<1> variance(a_.variance->data, {c}, {a_.variance->strides[0]});
  Buffer<1> new_mean(a_.mean->data, {c}, {a_.mean->strides[0]});
  Buffer<1> new_variance(a_.variance->data, {c}, {a_.variance->strides[0]});
  return update_(from.on(statistics.object, false).get(), mean.on(a_.mean->object, false).get(),
                 variance.on(a_.variance->object, false).get(), count, a_.momentum,
                 new_mean.on(a_.mean->object, true).get(), new_variance.on(a_.variance->object, true).get());
}

kiln_status Run::operator()(const kiln_context &context) {
  if (kiln_status s = call_.begin(context, a_.input->device)) return s;
  if (kiln_status s = prepare()) return s;
  if (a_.input->count == 0) return KILN_STATUS_OK;
  if (kiln_status s = pair_.bring()) return s;
  if (pair_.staged()) lay_out();  // where it is now
  if (kiln_status s = allocate()) return s;
  if (kiln_status s = a_.measures ? measure() : use()) return s;
  if (kiln_status s = derive()) return s;
  if (kiln_status s = apply()) return s;
  if (a_.updates)
    if (kiln_status s = update()) return s;
  return pair_.finish();
}

}  // namespace

kiln_status run_on_device(const kiln_context &context, const ChannelNorm &norm) { return Run(norm)(context); }

kiln_status run_on_device(const kiln_context &context, const RunningArguments &a, bool measures, Sharing sharing,
                          int64_t groups, Samples samples) {
  const bool updates = measures && a.running.present();
  return run_on_device(context,
                       {&a.input, &a.output, a.weight.tensor(), a.bias.tensor(), a.running.mean_tensor(),
                        a.running.variance_tensor(), measures, updates, a.momentum, a.eps, sharing, groups, samples});
}

}  // namespace kiln
