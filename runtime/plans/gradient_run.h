// The parts of run_gradient(): what is found of a set (gradient_statistics.cpp), and what is made of it (gradient.cpp,
// gradient_parameters.cpp).
#pragma once

#include <new>

#include "gradient.h"
#include "gradient_staging.h"

namespace kiln {

// Planes of a scope by set: members i of set j in sample n, and how far apart they are.
struct SetsOfScope {
  struct Axis {
    int64_t extent, step;
  };
  Axis i, j, n;
  int64_t sets() const { return j.extent * n.extent; }
};

class GradientRun {
 public:
  GradientRun(Call &call, const GradientOf &gradient);
  kiln_status operator()();
  // Of rows: the statistics alone, and then what writes them to these tensors, which cannot fail on the CPU.
  kiln_status measure();
  kiln_status give(int mean, int rstd);

 private:
  // gradient.cpp
  bool lay_out_walk();
  kiln_status prepare();
  kiln_status choose();
  kiln_status allocate();
  kiln_status run_scopes(kiln_status (GradientRun::*each)(const Scope &, int) const) const;
  bool short_planes() const;
  Measuring measuring() const;
  ScopeRules rules() const;
  kiln_status scope(const Scope &scope, int worker) const;
  kiln_status sum(const Scope &scope, const Array &partial) const;
  kiln_status find_means(const Scope &scope, const Array &partial, const Array &means) const;
  kiln_status derive(const Scope &scope, const Array &means, const Array &coefficients) const;
  kiln_status apply(const Scope &scope, const Array &coefficients) const;
  SetsOfScope sets_of(const Scope &scope) const;
  int64_t first_weight(const Scope &scope) const { return has_channels() ? scope.block.c * weight_.stride : 0; }
  Buffer<1> of_positions(const Block &block) const;
  Buffer<2> weights(const Scope &scope, const SetsOfScope &sets) const;
  Buffer<5> partials(const Scope &scope, const SetsOfScope &sets, const Array &partial) const;

  // gradient_statistics.cpp
  kiln_status choose_statistics();
  kiln_status bring_statistics();
  kiln_status bring_given(int tensor, int k);
  kiln_status allocate_moments();
  kiln_status begin_statistics();
  kiln_status use_running() const;
  kiln_status measured(const Scope &scope, int worker) const;
  kiln_status measured_norm(const Scope &scope) const;
  // Where a scope's statistics begin: centre, rstd and of norms whether they count; statistics_step_ apart.
  int64_t first_plane(const Scope &scope) const;
  bool given() const { return call_.has(a_.tensors.rstd) && call_.row.tensors[a_.tensors.rstd].role == Role::moment; }
  bool measures() const { return a_.means != Means::none && !given(); }

  // gradient_parameters.cpp
  // For a result's values as kernels write them, where it is asked for.
  kiln_status make_room(int tensor, Parameter *result);
  kiln_status check_parameters() const;
  kiln_status prepare_parameters();
  kiln_status sum_planes(const Scope &scope, const Array &partial, const Array &means) const;
  kiln_status sum_rows(const Scope &scope, const Array &means) const;
  kiln_status finish_parameters();
  kiln_status prepare_empty();
  kiln_status total(int tensor, int k, Parameter *result);
  bool of_parameters() const { return call_.has(a_.tensors.grad_weight) || call_.has(a_.tensors.grad_bias); }

  bool has_channels() const { return a_.sets == Sets::channels || a_.sets == Sets::groups; }
  bool weighted() const { return a_.sets == Sets::rows && call_.present[a_.tensors.weight]; }
  // Of a scope at most, or what its arrays have room for.
  int64_t most_sets() const { return together() ? walk_.c->extent : reduction_.most_planes(); }
  bool together() const { return a_.sets == Sets::channels; }
  int64_t inside() const { return has_channels() ? walk_.c->extent / a_.groups : 1; }  // a group
  // Samples, or turns of rows, whose sums parameters are the totals of.
  Element of_parts() const { return has_channels() ? Element::float64 : Element::float32; }
  int64_t parts() const { return has_channels() ? walk_.n->extent : ceil_div(walk_.c->extent, kRowTurn); }
  Element element() const { return call_.element; }

  Call &call_;
  const GradientOf &a_;
  GradientStaging staging_;
  Iteration walk_;  // the input, the output, what arrives
  Form form_ = Form::contiguous;
  bool streams_ = false;
  Reduction reduction_;
  Stage combine_, statistics_of_, given_, sums_, short_sums_, means_of_, derive_, apply_, streamed_, planes_, rows_,
      totals_;
  Parameter weight_, running_mean_, running_var_, grad_weight_, grad_bias_;
  Array one_{};
  Array statistics_{};  // float32 [k][plane], of all planes, or [k][channel] where samples are together
  Array moments_{}, partials_{}, means_{};  // float64, of a scope, for each worker
  Array coefficients_{};                    // float32, the same
  Array parts_{};                           // of_parts() [k][part][parameter]
  int64_t statistics_step_ = 0;             // from one k to the next
};

// body(run), with the run in the call's memory: a small stack has no room for it.
template <class Body>
kiln_status with_gradient_run(Call &call, const GradientOf &gradient, const Body &body) {
  void *place;
  if (kiln_status s = call.executor.take_host_memory(sizeof(GradientRun), &place)) return s;
  GradientRun *const run = new (place) GradientRun(call, gradient);
  const kiln_status status = body(*run);
  run->~GradientRun();
  return status;
}

}  // namespace kiln
