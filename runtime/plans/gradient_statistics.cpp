// What the values of each set are standardized by: given, measured, or the running statistics.
#include "../status.h"
#include "gradient_run.h"

namespace kiln {

kiln_status GradientRun::choose_statistics() {
  Executor &e = call_.executor;
  const int64_t c = walk_.c->extent;
  if (a_.norm) return e.choose(*a_.norm->statistics, Form::combine, c, &statistics_of_);
  if (kiln_status s = e.choose(standard_statistics_kernels, Form::combine, c, &statistics_of_)) return s;
  if (a_.means == Means::none) return e.choose(given_statistics_kernels, Form::combine, c, &given_);
  return e.choose(combine_moments_kernels, Form::combine, c, &combine_);
}

kiln_status GradientRun::bring_statistics() {
  Executor &e = call_.executor;
  const int64_t c = walk_.c->extent;
  statistics_step_ = together() ? c : c * walk_.n->extent * walk_.outer_count();
  if (kiln_status s = e.allocate(Element::float32, 3 * statistics_step_, &statistics_)) return s;
  if (a_.means == Means::none) {
    if (kiln_status s = call_.bring(a_.tensors.running_mean, Call::Steps::any, c, &running_mean_)) return s;
    return call_.bring(a_.tensors.running_var, Call::Steps::any, c, &running_var_);
  }
  return given() ? call_.prepare_copies() : KILN_STATUS_OK;
}

kiln_status GradientRun::allocate_moments() {
  return call_.executor.allocate(Element::float64, 2 * most_sets() * reduction_.workers(), &moments_);
}

kiln_status GradientRun::measure() {
  if (call_.empty()) return KILN_STATUS_OK;
  if (kiln_status s = staging_.lay_out(walk_, a_.reduced, [&] { return lay_out_walk(); })) return s;
  if (kiln_status s = choose_statistics()) return s;
  if (kiln_status s = reduction_.prepare(walk_, form_, measuring(), nullptr, rules())) return s;
  if (kiln_status s = allocate_moments()) return s;
  if (kiln_status s = bring_statistics()) return s;
  if (kiln_status s = call_.prepare_copies()) return s;
  if (kiln_status s = staging_.bring()) return s;
  return run_scopes(&GradientRun::measured);
}

kiln_status GradientRun::give(int mean, int rstd) {
  if (call_.empty()) return KILN_STATUS_OK;
  const int places[] = {mean, rstd};
  for (int k = 0; k < 2; ++k)
    if (call_.has(places[k]))
      if (kiln_status s = call_.give_back(places[k], {statistics_.at(k * statistics_step_)})) return s;
  return KILN_STATUS_OK;
}

// To every plane of its set: the last axis of groups has the planes of one.
kiln_status GradientRun::bring_given(int place, int k) {
  Tensor to, from = call_.tensors[place];
  if (a_.sets == Sets::groups) {
    from.shape[from.ndim] = inside();
    from.strides[from.ndim++] = 0;
    from.count *= inside();
    from.dense = false;
  }
  make_dense(from, statistics_.at(k * statistics_step_), 0, &to);
  return call_.executor.copy(from, to);
}

kiln_status GradientRun::begin_statistics() {
  if (a_.means == Means::none) return use_running();
  if (!given()) return KILN_STATUS_OK;
  if (kiln_status s = bring_given(a_.tensors.rstd, 1)) return s;
  if (a_.tensors.mean != kNoTensor) return bring_given(a_.tensors.mean, 0);
  Tensor to;
  make_dense(call_.tensors[a_.tensors.rstd], statistics_, 0, &to);
  Tensor from = to;
  if (kiln_status s = call_.executor.identity(-0.0f, &from.array)) return s;
  for (int d = 0; d < from.ndim; ++d) from.strides[d] = 0;
  from.dense = false;
  return call_.executor.copy(from, to);
}

kiln_status GradientRun::use_running() const {
  const int64_t c = walk_.c->extent;
  Buffer<1> mean(running_mean_.array, {c}, {running_mean_.stride}),
      variance(running_var_.array, {c}, {running_var_.stride});
  Buffer<2> to(moments_, {c, 2}, {1, c});
  if (kiln_status s = given_(mean, variance, out(to))) return s;
  Buffer<3> moments(moments_, {c, 1, 2}, {1, 0, c});
  Buffer<4> statistics(statistics_, {1, c, 1, 2}, {0, 1, 0, statistics_step_});
  return statistics_of_(moments, a_.eps, out(statistics));
}

int64_t GradientRun::first_plane(const Scope &scope) const {
  const Block &b = scope.block;
  return together() ? 0 : (b.outer * walk_.n->extent + b.n) * walk_.c->extent + b.c;
}

kiln_status GradientRun::measured_norm(const Scope &scope) const {
  const Block &b = scope.block;
  const int64_t planes = scope.planes(), segments = reduction_.segments();
  Buffer<4> partial(scope.partial, {b.c_extent, b.n_extent, segments, 2}, {1, b.c_extent, planes, segments * planes});
  Buffer<3> to(statistics_.at(first_plane(scope)), {b.c_extent, b.n_extent, 3}, {1, b.c_extent, statistics_step_});
  return statistics_of_(partial, static_cast<double>(walk_.s->extent), a_.eps, a_.norm->p, a_.norm->mode, out(to));
}

kiln_status GradientRun::measured(const Scope &scope, int worker) const {
  if (a_.norm) return measured_norm(scope);
  SetsOfScope sets = sets_of(scope);
  const int64_t planes = scope.planes(), segments = reduction_.segments(), count = sets.sets();
  const Array moments = moments_.at(2 * most_sets() * worker);
  Buffer<4> partial(scope.partial, {count, sets.i.extent, segments, 2},
                    {sets.j.step, sets.i.step, planes, segments * planes});
  Buffer<2> to(moments, {count, 2}, {1, count});
  if (kiln_status s = combine_(partial, walk_.s->extent, out(to))) return s;
  if (together()) sets.i = {1, 0};
  Buffer<3> from(moments, {sets.j.extent, sets.n.extent, 2}, {1, sets.j.extent, count});
  Buffer<4> statistics(statistics_.at(first_plane(scope)), {sets.i.extent, sets.j.extent, sets.n.extent, 2},
                       {sets.i.step, sets.j.step, sets.n.step, statistics_step_});
  return statistics_of_(from, a_.eps, out(statistics));
}

}  // namespace kiln
