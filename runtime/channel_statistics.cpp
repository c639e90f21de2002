#include "channel_statistics.h"

#include "integers.h"
#include "parallel.h"

namespace kiln {
namespace {

// Values of a task of whole groups: input and output then stay in a second-level cache between statistics and use.
constexpr int64_t kCachedValues = int64_t{1} << 15;
// Larger groups than this are cut over threads rather than kept by one.
constexpr int64_t kFusedValues = int64_t{1} << 19;

Buffer<3> view(const ChannelLayout &l, const Block &b) {
  return Buffer<3>(l.data + b.n * l.n_stride + b.c * l.c_stride + b.s * l.s_stride,
                   {b.s_extent, b.c_extent, b.n_extent}, {l.s_stride, l.c_stride, l.n_stride});
}

}  // namespace

kiln_status ChannelStatistics::prepare(const kiln_context &context, const ChannelLayout &input,
                                       const ChannelLayout &output, Sharing sharing, int64_t groups) {
  context_ = &context;
  in_ = input;
  out_ = output;
  sharing_ = sharing;
  groups_ = groups;
  segments_ = segments_in(input.s);
  common_form(input, output, &form_);
  if (!per_group() && in_.n * segments_ > INT32_MAX / (2 * in_.c))
    return fail(KILN_STATUS_UNSUPPORTED, "input: expected fewer than 2^30 planes, got %lld samples of %lld channels",
                static_cast<long long>(in_.n), static_cast<long long>(in_.c));
  if (kiln_status s = choose_kernels()) return s;
  const int64_t samples = per_group() ? in_.n : 1, shared = per_group() ? groups_ : in_.c;
  if (kiln_status s = partial_.allocate(2 * in_.c * segments_ * in_.n)) return s;
  if (kiln_status s = statistics_.allocate(2 * samples * shared)) return s;
  return coefficients_.allocate(4 * samples * in_.c);
}

kiln_status ChannelStatistics::choose_kernels() {
  const kiln_context &context = *context_;
  const int64_t c = in_.c, extent = class_extent(form_, in_.s, c);
  if (kiln_status s = moments_.choose(channel_moments_kernels, context, form_, extent)) return s;
  if (kiln_status s = join_.choose(combine_moments_kernels, context, Form::combine, c)) return s;
  if (kiln_status s = given_.choose(given_statistics_kernels, context, Form::combine, c)) return s;
  if (kiln_status s = derive_.choose(channel_coefficients_kernels, context, Form::combine, c)) return s;
  if (kiln_status s = update_.choose(update_statistics_kernels, context, Form::combine, c)) return s;
  return apply_.choose(channel_apply_kernels, context, form_, extent);
}

// ---- Single calls ----

kiln_status ChannelStatistics::measure_block(const Block &b, double eps) const {
  const int64_t c = in_.c, first = b.s / kSegment;
  Buffer<3> x = view(in_, b);
  Buffer<4> partial(partial_.data() + (b.n * segments_ + first) * 2 * c + b.c,
                    {b.c_extent, segments_in(b.s_extent), b.n_extent, 2}, {1, 2 * c, 2 * c * segments_, c});
  return moments_(x.get(), keeps_variances_ ? 0.0 : eps, partial.get());
}

kiln_status ChannelStatistics::join(int64_t n, int64_t first, int64_t last) const {
  const int64_t c = in_.c, inside = channels_in_group();
  const double *from = partial_.data() + n * segments_ * 2 * c + first * inside;
  double *to = statistics_.data() + (per_group() ? n * 2 * groups_ + first : 0);
  if (per_group()) {
    Buffer<4> partial(from, {last - first, inside, segments_, 2}, {inside, 1, 2 * c, c});
    Buffer<2> joined(to, {last - first, 2}, {1, groups_});
    return join_(partial.get(), in_.s, joined.get());
  }
  Buffer<4> partial(from, {c, in_.n, segments_, 2}, {1, 2 * c * segments_, 2 * c, c});
  Buffer<2> joined(to, {c, 2}, {1, c});
  return join_(partial.get(), in_.s, joined.get());
}

kiln_status ChannelStatistics::derive(const Derive &with, int64_t n, int64_t n_extent, int64_t first,
                                      int64_t last) const {
  const int64_t c = in_.c, inside = channels_in_group(), g = last - first;
  const int64_t w = with.weight.stride, b = with.bias.stride;
  const double *from = statistics_.data() + (per_group() ? n * 2 * groups_ + first : 0);
  Buffer<4> statistics(from, {inside, g, n_extent, 2},
                       {per_group() ? 0 : 1, 1, 2 * groups_, per_group() ? groups_ : c});
  Buffer<2> weight(with.weight.data + first * inside * w, {inside, g}, {w, inside * w});
  Buffer<2> bias(with.bias.data + first * inside * b, {inside, g}, {b, inside * b});
  Buffer<4> out(coefficients_.data() + n * 4 * c + first * inside, {inside, g, n_extent, 4}, {1, inside, 4 * c, c});
  return derive_(statistics.get(), weight.get(), bias.get(), with.eps, out.get());
}

kiln_status ChannelStatistics::apply_block(const Block &b) const {
  const int64_t c = in_.c;
  Buffer<3> x = view(in_, b), y = view(out_, b);
  Buffer<3> coefficients(coefficients_.data() + (per_group() ? b.n * 4 * c : 0) + b.c, {b.c_extent, b.n_extent, 4},
                         {1, per_group() ? 4 * c : 0, c});
  return apply_(x.get(), coefficients.get(), y.get());
}

// ---- One stage after another, each cut over the threads ----

kiln_status ChannelStatistics::measure(double eps) {
  struct Work {
    const ChannelStatistics *self;
    Blocks blocks;
    double eps;
  } work{this, cut(in_, in_, {moments_.grain(), kSegment, kLongestPlane, false}), eps};
  const auto task = [](const void *data, int64_t i) {
    const Work &w = *static_cast<const Work *>(data);
    return w.self->measure_block(w.blocks.at(i), w.eps);
  };
  if (kiln_status s = run_tasks(*context_, work.blocks.count(), task, &work)) return s;
  for (int64_t n = 0; n < (per_group() ? in_.n : 1); ++n)
    if (kiln_status s = join(n, 0, groups_)) return s;
  return KILN_STATUS_OK;
}

kiln_status ChannelStatistics::use(const float *mean, const float *variance) {
  const int64_t c = in_.c;
  Buffer<1> given_mean(mean, {c}, {1}), given_variance(variance, {c}, {1});
  Buffer<2> statistics(statistics_.data(), {c, 2}, {1, c});
  return given_(given_mean.get(), given_variance.get(), statistics.get());
}

kiln_status ChannelStatistics::derive_coefficients(ChannelParameter weight, ChannelParameter bias, double eps) {
  const Derive with{weight, bias, eps};
  if (!per_group()) return derive(with, 0, 1, 0, 1);
  for (int64_t n = 0; n < in_.n; ++n)
    if (kiln_status s = derive(with, n, 1, 0, groups_)) return s;
  return KILN_STATUS_OK;
}

kiln_status ChannelStatistics::apply() {
  struct Work {
    const ChannelStatistics *self;
    Blocks blocks;
    int64_t last;
  } work{this, cut(in_, out_, {apply_.grain(), 1, INT32_MAX / 4, false}), 0};
  work.last = work.blocks.count() - 1;
  // From the end backwards: what was measured last is still in a cache.
  const auto task = [](const void *data, int64_t i) {
    const Work &w = *static_cast<const Work *>(data);
    return w.self->apply_block(w.blocks.at(w.last - i));
  };
  return run_tasks(*context_, work.blocks.count(), task, &work);
}

// ---- Group by group ----

struct ChannelStatistics::Fused {
  const ChannelStatistics *self;
  Derive with;
  int64_t step;   // groups in a task
  int64_t tasks;  // in a sample

  static kiln_status task(const void *data, int64_t i) {
    const Fused &f = *static_cast<const Fused *>(data);
    const ChannelStatistics &s = *f.self;
    const int64_t inside = s.channels_in_group(), n = i / f.tasks;
    const int64_t first = i % f.tasks * f.step, last = min(first + f.step, s.groups_);
    const Block block{n, 1, first * inside, (last - first) * inside, 0, s.in_.s};
    if (kiln_status status = s.measure_block(block, f.with.eps)) return status;
    if (kiln_status status = s.join(n, first, last)) return status;
    if (kiln_status status = s.derive(f.with, n, 1, first, last)) return status;
    return s.apply_block(block);
  }
};

kiln_status ChannelStatistics::normalize(ChannelParameter weight, ChannelParameter bias, double eps) {
  const int64_t values = channels_in_group() * in_.s;
  Fused fused{this, {weight, bias, eps}, groups_, 1};
  if (form_ == Form::contiguous) {
    fused.step = min(groups_, max(1, kCachedValues / values));
    fused.tasks = (groups_ + fused.step - 1) / fused.step;
  }
  const int64_t in_task = fused.step * values;
  const bool enough = in_.n * fused.tasks >= 2 * choose_threads(*context_) || choose_threads(*context_) == 1;
  if (per_group() && in_.s <= kLongestPlane && in_task <= kFusedValues && enough)
    return run_tasks(*context_, in_.n * fused.tasks, Fused::task, &fused);
  if (kiln_status s = measure(eps)) return s;
  if (kiln_status s = derive_coefficients(weight, bias, eps)) return s;
  return apply();
}

kiln_status ChannelStatistics::update(const float *mean, const float *variance, double momentum, float *new_mean,
                                      float *new_variance) {
  const int64_t c = in_.c, samples = per_group() ? in_.n : 1;
  const double count = static_cast<double>(in_.s) * static_cast<double>(per_group() ? 1 : in_.n);
  Buffer<3> statistics(statistics_.data(), {c, samples, 2}, {1, 2 * c, c});
  Buffer<1> old_mean(mean, {c}, {1}), old_variance(variance, {c}, {1});
  Buffer<1> next_mean(new_mean, {c}, {1}), next_variance(new_variance, {c}, {1});
  return update_(statistics.get(), old_mean.get(), old_variance.get(), count, momentum, next_mean.get(),
                 next_variance.get());
}

}  // namespace kiln
