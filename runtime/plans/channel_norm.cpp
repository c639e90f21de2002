#include "channel_norm.h"

#include <utility>

#include "../integers.h"

namespace kiln {
namespace {

// Values of a scope that one thread works on alone: input and output then stay in a second-level cache.
constexpr int64_t kCached = int64_t{1} << 15;
// Values of a few lines of a cache.
constexpr int64_t kLine = 64;

// Where each channel has one position, samples that belong together are taken as positions instead: a channel is then
// one plane.
bool lay_out(const Tensor &input, const Tensor &output, bool together, Iteration *walk, Form *form) {
  if (!walk_channels(input, output, walk)) return false;
  if (together && walk->s->extent == 1) {
    walk->s = walk->n;
    walk->n = &kSingle;
  }
  return form_of(*walk, form);
}

class Run {
 public:
  Run(Call &call, const ChannelNorm &norm)
      : call_(call),
        a_(norm),
        staging_(call, {norm.measures ? &channel_moments_kernels : &channel_apply_kernels, &channel_apply_kernels}),
        reduction_(call) {}
  kiln_status operator()();

 private:
  kiln_status prepare();
  kiln_status choose();
  Measuring moments() const;
  kiln_status combine(const Scope &scope) const;
  kiln_status use_running() const;
  kiln_status derive(const Scope &scope) const;
  kiln_status update() const;
  kiln_status give_statistics();
  bool asked(int tensor) const { return a_.measures && call_.has(tensor); }
  bool gives_statistics() const { return asked(a_.tensors.mean) || asked(a_.tensors.rstd); }

  bool per_group() const { return a_.sharing == Sharing::per_group; }
  int64_t channels() const { return walk_.c->extent; }
  int64_t inside() const { return channels() / a_.groups; }  // a group
  // Means and variances of all samples: [k][n][group], or [k][channel].
  int64_t shared() const { return per_group() ? walk_.n->extent * a_.groups : channels(); }
  // Those of a scope: where they begin, and how many.
  int64_t first_shared(const Scope &s) const { return per_group() ? s.block.n * a_.groups + s.block.c / inside() : 0; }
  int64_t shared_in(const Scope &s) const { return per_group() ? s.planes() / inside() : channels(); }

  Call &call_;
  const ChannelNorm &a_;
  Staging staging_;
  Iteration walk_;
  Form form_ = Form::contiguous;
  Reduction reduction_;
  Stage combine_, given_, derive_, update_, standard_;
  Parameter weight_, bias_, mean_, variance_;
  Array statistics_;           // float64
  Array standard_statistics_;  // float32, as gradients take them
};

kiln_status Run::choose() {
  Executor &e = call_.executor;
  const int64_t c = channels();
  if (kiln_status s = e.choose(channel_coefficients_kernels, Form::combine, c, &derive_)) return s;
  if (!a_.measures) return e.choose(given_statistics_kernels, Form::combine, c, &given_);
  if (kiln_status s = e.choose(combine_moments_kernels, Form::combine, c, &combine_)) return s;
  if (gives_statistics())
    if (kiln_status s = e.choose(standard_statistics_kernels, Form::combine, c, &standard_)) return s;
  return a_.updates ? e.choose(update_statistics_kernels, Form::combine, c, &update_) : KILN_STATUS_OK;
}

// None where statistics are given. Devices take short planes as they do all others.
Measuring Run::moments() const {
  if (!a_.measures) return {};
  const int64_t longest = form_ == Form::channels_last ? kShortColumn : kShortPlane;
  const bool short_planes = !call_.executor.on_device() && walk_.s->extent <= longest;
  return {&channel_moments_kernels, short_planes ? &short_moments_kernels : nullptr};
}

kiln_status Run::prepare() {
  const bool together = !per_group();
  const auto fits = [&] { return lay_out(staging_.input(), staging_.output(), together, &walk_, &form_); };
  if (kiln_status s = staging_.lay_out(walk_, dims_from_to(2, call_.input().ndim), fits)) return s;
  // Where channels lie innermost, they are taken in whole lines of a cache.
  const int64_t least = form_ == Form::channels_last ? kLine : 1;
  const ScopeRules rules = {min(channels(), ceil_div(least, inside()) * inside()), kCached, together};
  if (kiln_status s = choose()) return s;
  if (kiln_status s = reduction_.prepare(walk_, form_, moments(), &channel_apply_kernels, rules)) return s;
  const auto any = Call::Steps::any;
  const ChannelTensors &t = a_.tensors;
  if (kiln_status s = call_.bring(t.weight, any, channels(), &weight_)) return s;
  if (kiln_status s = call_.bring(t.bias, any, channels(), &bias_)) return s;
  if (a_.updates || !a_.measures) {
    if (kiln_status s = call_.bring(t.running_mean, any, channels(), &mean_)) return s;
    if (kiln_status s = call_.bring(t.running_var, any, channels(), &variance_)) return s;
  }
  if (gives_statistics()) {
    if (kiln_status s = call_.prepare_copies()) return s;
    if (kiln_status s = call_.executor.allocate(Element::float32, 2 * shared(), &standard_statistics_)) return s;
  }
  return call_.executor.allocate(Element::float64, 2 * shared(), &statistics_);
}

kiln_status Run::combine(const Scope &scope) const {
  const int64_t c = scope.block.c_extent, planes = scope.planes(), segments = reduction_.segments();
  const int64_t count = shared_in(scope);
  Buffer<4> partial(scope.partial, {count, per_group() ? inside() : walk_.n->extent, segments, 2},
                    {per_group() ? inside() : 1, per_group() ? 1 : c, planes, segments * planes});
  Buffer<2> combined(statistics_.at(first_shared(scope)), {count, 2}, {1, shared()});
  return combine_(partial, walk_.s->extent, out(combined));
}

kiln_status Run::use_running() const {
  Buffer<1> mean(mean_.array, {channels()}, {mean_.stride}),
      variance(variance_.array, {channels()}, {variance_.stride});
  Buffer<2> statistics(statistics_, {channels(), 2}, {1, shared()});
  return given_(mean, variance, out(statistics));
}

// The kernel takes whole vectors along its first dimension: the channels of a group or the groups, what is more.
kiln_status Run::derive(const Scope &scope) const {
  const Block &b = scope.block;
  const int64_t c = b.c_extent, in_group = per_group() ? inside() : c, groups = c / in_group;
  const int64_t n = per_group() ? b.n_extent : 1, w = weight_.stride, v = bias_.stride;
  struct Axis {
    int64_t extent, of_statistics, step;
  };
  Axis first{in_group, per_group() ? 0 : 1, 1}, second{groups, 1, in_group};
  if (first.extent < second.extent) std::swap(first, second);
  const int64_t i = first.extent, j = second.extent;
  Buffer<4> statistics(statistics_.at(first_shared(scope)), {i, j, n, 2},
                       {first.of_statistics, second.of_statistics, a_.groups, shared()});
  Buffer<2> weight(weight_.array.at(b.c * w), {i, j}, {first.step * w, second.step * w});
  Buffer<2> bias(bias_.array.at(b.c * v), {i, j}, {first.step * v, second.step * v});
  Buffer<4> to(scope.coefficients, {i, j, n, 4}, {first.step, second.step, c, reduction_.sets(scope)});
  return derive_(statistics, weight, bias, a_.eps, out(to));
}

kiln_status Run::update() const {
  const int64_t c = channels(), samples = per_group() ? walk_.n->extent : 1;
  const double count = static_cast<double>(walk_.s->extent) * static_cast<double>(per_group() ? 1 : walk_.n->extent);
  Buffer<3> statistics(statistics_, {c, samples, 2}, {1, c, shared()});
  Buffer<1> mean(mean_.array, {c}, {mean_.stride}), variance(variance_.array, {c}, {variance_.stride});
  Buffer<1> new_mean(mean_.array, {c}, {mean_.stride}), new_variance(variance_.array, {c}, {variance_.stride});
  return update_(statistics, mean, variance, count, a_.momentum, out(new_mean), out(new_variance));
}

// Side by side, then to where they are wanted.
kiln_status Run::give_statistics() {
  const int64_t count = shared();
  Buffer<3> moments(statistics_, {count, 1, 2}, {1, 0, count});
  Buffer<4> standard(standard_statistics_, {1, count, 1, 2}, {0, 1, 0, count});
  if (kiln_status s = standard_(moments, a_.eps, out(standard))) return s;
  const int places[] = {a_.tensors.mean, a_.tensors.rstd};
  for (int k = 0; k < 2; ++k)
    if (asked(places[k]))
      if (kiln_status s = call_.give_back(places[k], {standard_statistics_.at(k * count)})) return s;
  return KILN_STATUS_OK;
}

kiln_status Run::operator()() {
  if (kiln_status s = prepare()) return s;
  if (kiln_status s = staging_.bring()) return s;
  if (!a_.measures)
    if (kiln_status s = use_running()) return s;
  const auto middle = [&](const Scope &scope) -> kiln_status {
    if (a_.measures)
      if (kiln_status s = combine(scope)) return s;
    return derive(scope);
  };
  if (kiln_status s = reduction_.run(middle, hidden_by(a_.eps, a_.tensors.running_mean != kNoTensor))) return s;
  if (kiln_status s = staging_.finish()) return s;
  if (gives_statistics())
    if (kiln_status s = give_statistics()) return s;
  if (!a_.updates) return KILN_STATUS_OK;
  if (kiln_status s = update()) return s;
  if (kiln_status s = call_.give_back(a_.tensors.running_mean, mean_)) return s;
  return call_.give_back(a_.tensors.running_var, variance_);
}

}  // namespace

kiln_status run_channel_norm(Call &call, const ChannelNorm &norm) {
  return call.empty() ? KILN_STATUS_OK : Run(call, norm)();
}

}  // namespace kiln
