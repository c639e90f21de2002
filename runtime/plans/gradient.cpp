#include "gradient.h"

#include "gradient_run.h"

namespace kiln {
namespace {

constexpr int kSums = 3, kCoefficients = 6;  // of gradient_sums and gradient_apply
// Values of a scope that one thread works on alone: three tensors of them then stay in a second-level cache.
constexpr int64_t kCached = int64_t{1} << 15;
constexpr int64_t kLine = 64;

const KernelList &sums_for(const GradientOf &a) { return a.norm ? *a.norm->sums : gradient_sums_kernels; }
const KernelList &apply_for(const GradientOf &a) { return a.norm ? *a.norm->apply : gradient_apply_kernels; }

}  // namespace

GradientRun::GradientRun(Call &call, const GradientOf &gradient)
    : call_(call),
      a_(gradient),
      staging_(call, gradient.norm ? gradient.norm->measuring : &channel_moments_kernels,
               {&sums_for(gradient), &apply_for(gradient)}),
      reduction_(call) {}

// Rows are numbered in the tensor's order, for sums over them.
bool GradientRun::lay_out_walk() {
  const Tensor &x = staging_.input(), &y = staging_.output(), &g = staging_.arriving();
  if (has_channels()) {
    if (!walk_channels(x, y, &walk_, &g)) return false;
    if (together() && walk_.s->extent == 1) {
      walk_.s = walk_.n;
      walk_.n = &kSingle;
    }
    return form_of(walk_, &form_);
  }
  if (a_.sets == Sets::slices) return walk_reduced(x, y, a_.reduced, 2, &walk_, &g) && form_of(walk_, &form_);
  form_ = Form::contiguous;
  return walk_reduced(x, y, a_.reduced, 1, &walk_, &g, Order::logical) && walk_.adjacent(*walk_.s) &&
         walk_.outer_count() == 1 && min(walk_.s->extent, kSegment) <= walk_.addressable(*walk_.s);
}

// Whether there are kernels that take planes side by side.
bool GradientRun::short_planes() const {
  const int64_t longest = form_ == Form::channels_last ? kShortColumn : kShortPlane;
  return !call_.executor.on_device() && walk_.s->extent <= longest;
}

Measuring GradientRun::measuring() const {
  if (!measures()) return {};
  if (a_.norm) return {a_.norm->measuring};
  const bool short_planes = has_channels() && this->short_planes();
  return {&channel_moments_kernels, short_planes ? &short_moments_kernels : nullptr};
}

ScopeRules GradientRun::rules() const {
  if (has_channels()) {
    const int64_t least = form_ == Form::channels_last ? kLine : 1;
    return {min(walk_.c->extent, ceil_div(least, inside()) * inside()), kCached, together()};
  }
  if (a_.sets == Sets::rows) return {of_parameters() ? kRowTurn : 1, kCached, false};
  return {form_ == Form::channels_last ? min(kLine, walk_.c->extent) : 1, kCached, false};
}

kiln_status GradientRun::choose() {
  Executor &e = call_.executor;
  const int64_t extent = class_extent(walk_, form_), c = walk_.c->extent;
  const Form form = weighted() ? Form::rows : form_;
  if (kiln_status s = e.choose_of(element(), sums_for(a_), form, extent, &sums_)) return s;
  short_sums_ = sums_;
  if (short_planes() && &sums_for(a_) == &gradient_sums_kernels) {
    Stage stage;
    if (kiln_status s = e.choose_of(element(), gradient_short_sums_kernels, form, extent, &stage)) return s;
    if (stage.element() == sums_.element()) short_sums_ = stage;
  }
  if (kiln_status s = e.choose_of(element(), apply_for(a_), form, extent, &apply_)) return s;
  const Axis &along = form_ == Form::contiguous ? *walk_.s : *walk_.c;
  streams_ = e.streams(walk_, along) && !walk_.operand[2].same_place(walk_.operand[1]);
  if (streams_)
    if (kiln_status s = e.choose_of(element(), apply_for(a_), form, extent, &streamed_, true)) return s;
  if (kiln_status s = e.choose(gradient_means_kernels, Form::combine, c, &means_of_)) return s;
  if (kiln_status s = e.choose(gradient_coefficients_kernels, Form::combine, c, &derive_)) return s;
  return choose_statistics();
}

kiln_status GradientRun::allocate() {
  Executor &e = call_.executor;
  const int64_t planes = reduction_.most_planes(), sets = most_sets();
  const int workers = reduction_.workers();
  if (kiln_status s = e.allocate(Element::float64, kSums * reduction_.segments() * planes * workers, &partials_))
    return s;
  if (kiln_status s = e.allocate(Element::float64, kSums * sets * workers, &means_)) return s;
  if (!measures())
    if (kiln_status s = reduction_.allocate_for_kernels()) return s;
  if (kiln_status s = allocate_moments()) return s;
  return e.allocate(Element::float32, kCoefficients * sets * workers, &coefficients_);
}

kiln_status GradientRun::prepare() {
  const Dims inner = has_channels() ? dims_from_to(2, call_.input().ndim) : a_.reduced;
  if (kiln_status s = staging_.lay_out(walk_, inner, [&] { return lay_out_walk(); })) return s;
  if (kiln_status s = check_parameters()) return s;
  if (kiln_status s = choose()) return s;
  if (kiln_status s = reduction_.prepare(walk_, form_, measuring(), nullptr, rules())) return s;
  if (kiln_status s = allocate()) return s;
  if (kiln_status s = call_.executor.identity(1.0f, &one_)) return s;
  weight_.array = one_;
  if (a_.tensors.weight != kNoTensor) {
    const int64_t count = has_channels() ? walk_.c->extent : walk_.s->extent;
    const auto steps = has_channels() ? Call::Steps::any : Call::Steps::dense;
    if (kiln_status s = call_.bring(a_.tensors.weight, steps, count, &weight_)) return s;
  }
  if (kiln_status s = bring_statistics()) return s;
  return of_parameters() ? prepare_parameters() : KILN_STATUS_OK;
}

SetsOfScope GradientRun::sets_of(const Scope &scope) const {
  const Block &b = scope.block;
  if (together()) return {{b.n_extent, b.c_extent}, {b.c_extent, 1}, {1, 0}};
  return {{inside(), 1}, {b.c_extent / inside(), inside()}, {b.n_extent, b.c_extent}};
}

Buffer<2> GradientRun::weights(const Scope &scope, const SetsOfScope &sets) const {
  if (!has_channels()) return Buffer<2>(one_, {sets.i.extent, sets.j.extent}, {0, 0});
  const int64_t w = weight_.stride, of_members = together() ? 0 : w;
  return Buffer<2>(weight_.array.at(first_weight(scope)), {sets.i.extent, sets.j.extent},
                   {of_members, sets.j.step * w});
}

// Of what is not weighted position by position, a value that is not read.
Buffer<1> GradientRun::of_positions(const Block &b) const {
  return weighted() ? Buffer<1>(weight_.array.at(b.s), {b.s_extent}, {1}) : Buffer<1>(one_, {1}, {1});
}

Buffer<5> GradientRun::partials(const Scope &scope, const SetsOfScope &sets, const Array &partial) const {
  const int64_t planes = scope.planes(), segments = reduction_.segments();
  return Buffer<5>(partial, {sets.i.extent, sets.j.extent, sets.n.extent, segments, kSums},
                   {sets.i.step, sets.j.step, sets.n.step, planes, segments * planes});
}

kiln_status GradientRun::sum(const Scope &scope, const Array &partial) const {
  const int64_t c = scope.block.c_extent, planes = scope.planes(), segments = reduction_.segments();
  return reduction_.spread(scope, sums_, Reduction::PlaneCost::measured, kSegment, [&](const Block &b) {
    const int64_t n = b.n - scope.block.n, first = n * c + b.c - scope.block.c;
    Buffer<3> x = View(walk_, 0, b).buffer(b), g = View(walk_, 2, b).buffer(b);
    const int64_t n_step = together() ? 0 : c;
    Buffer<3> statistics(statistics_.at(first_plane(scope) + n * n_step + b.c - scope.block.c),
                         {b.c_extent, b.n_extent, 2}, {1, n_step, statistics_step_});
    Buffer<1> weight = of_positions(b);
    Buffer<4> to(partial.at(b.s / kSegment * planes + first), {b.c_extent, segments_in(b.s_extent), b.n_extent, kSums},
                 {1, planes, c, segments * planes});
    return (b.c_extent < kPlanesTogether ? sums_ : short_sums_)(x, g, statistics, weight, call_.executor.aligned(x, g),
                                                                out(to));
  });
}

kiln_status GradientRun::find_means(const Scope &scope, const Array &partial, const Array &means) const {
  const SetsOfScope sets = sets_of(scope);
  Buffer<5> sums = partials(scope, sets, partial);
  Buffer<2> weight = weights(scope, sets);
  const bool of_norm = a_.norm && a_.tensors.rstd == kNoTensor;
  const Array active = of_norm ? statistics_.at(2 * statistics_step_ + first_plane(scope)) : one_;
  Buffer<2> counts(active, {sets.j.extent, sets.n.extent}, {of_norm ? sets.j.step : 0, of_norm ? sets.n.step : 0});
  Buffer<3> to(means, {sets.j.extent, sets.n.extent, kSums}, {1, sets.j.extent, sets.sets()});
  const double count = static_cast<double>(walk_.s->extent) * static_cast<double>(sets.i.extent);
  return means_of_(sums, weight, counts, count, static_cast<int32_t>(a_.means), out(to));
}

kiln_status GradientRun::derive(const Scope &scope, const Array &means, const Array &coefficients) const {
  SetsOfScope sets = sets_of(scope);
  const int64_t planes = together() ? sets.sets() : scope.planes();
  if (together()) sets.i = {1, 0};
  Buffer<4> statistics(statistics_.at(first_plane(scope)), {sets.i.extent, sets.j.extent, sets.n.extent, 2},
                       {sets.i.step, sets.j.step, sets.n.step, statistics_step_});
  Buffer<3> from(means, {sets.j.extent, sets.n.extent, kSums}, {1, sets.j.extent, sets.sets()});
  Buffer<2> weight = weights(scope, sets);
  Buffer<4> to(coefficients, {sets.i.extent, sets.j.extent, sets.n.extent, kCoefficients},
               {sets.i.step, sets.j.step, sets.n.step, planes});
  return derive_(statistics, from, weight, out(to));
}

kiln_status GradientRun::apply(const Scope &scope, const Array &coefficients) const {
  const int64_t c = scope.block.c_extent, n_step = together() ? 0 : c, sets = together() ? c : scope.planes();
  return reduction_.spread(scope, apply_, Reduction::PlaneCost::applied, 1, [&](const Block &b) {
    Buffer<3> x = View(walk_, 0, b).buffer(b), y = View(walk_, 1, b).buffer(b), g = View(walk_, 2, b).buffer(b);
    Buffer<3> by(coefficients.at((b.n - scope.block.n) * n_step + b.c - scope.block.c),
                 {b.c_extent, b.n_extent, kCoefficients}, {1, n_step, sets});
    Buffer<1> weight = of_positions(b);
    const double p = a_.norm ? a_.norm->p : 2.0;
    const bool streamed = streams_ && walk_.at(1, b).values_to_line() == 0;
    return (streamed ? streamed_ : apply_)(x, g, by, weight, p, call_.executor.aligned(x, g, y), out(y));
  });
}

kiln_status GradientRun::scope(const Scope &scope, int worker) const {
  const int64_t planes = reduction_.most_planes(), sets = most_sets();
  const Array partial = partials_.at(kSums * reduction_.segments() * planes * worker);
  const Array means = means_.at(kSums * sets * worker), coefficients = coefficients_.at(kCoefficients * sets * worker);
  if (measures())
    if (kiln_status s = measured(scope, worker)) return s;
  if (a_.means != Means::none || of_parameters())
    if (kiln_status s = sum(scope, partial)) return s;
  if (kiln_status s = find_means(scope, partial, means)) return s;
  if (of_parameters())
    if (kiln_status s = has_channels() ? sum_planes(scope, partial, means) : sum_rows(scope, means)) return s;
  if (!staging_.wanted()) return KILN_STATUS_OK;
  if (kiln_status s = derive(scope, means, coefficients)) return s;
  return apply(scope, coefficients);
}

kiln_status GradientRun::run_scopes(kiln_status (GradientRun::*each)(const Scope &, int) const) const {
  const auto body = [&](const Scope &scope, int worker) { return (this->*each)(scope, worker); };
  if (a_.norm) return reduction_.run_each(body, a_.eps, a_.norm->p, a_.norm->mode);
  return reduction_.run_each(body, hidden_by(a_.eps, a_.tensors.running_mean != kNoTensor));
}

kiln_status GradientRun::operator()() {
  if (call_.empty()) return finish_parameters();
  if (kiln_status s = prepare()) return s;
  if (kiln_status s = staging_.bring()) return s;
  if (kiln_status s = begin_statistics()) return s;
  if (kiln_status s = run_scopes(&GradientRun::scope)) return s;
  if (kiln_status s = staging_.finish()) return s;
  return of_parameters() ? finish_parameters() : KILN_STATUS_OK;
}

kiln_status run_gradient(Call &call, const GradientOf &gradient) {
  return with_gradient_run(call, gradient, [](GradientRun &run) { return run(); });
}

}  // namespace kiln
