// kiln_normalize: slices divided by their norms.
#include <math.h>
#include <operators.h>

#include "../integers.h"
#include "reduction.h"

namespace kiln {
namespace {

// Which norm: kernels of their own for the common ones; `mode` tells the general one of p that are limits.
struct Norm {
  const KernelList *kernels;
  double p;
  int32_t mode;  // 0: p finite and not 0; 1: p = 0; 2: p = -infinity
};

Norm norm_of(double p) {
  if (p == 2) return {&norm_two_kernels, p, 0};
  if (p == 1) return {&norm_one_kernels, p, 0};
  if (p == INFINITY) return {&norm_max_kernels, p, 0};
  return {&norm_general_kernels, p, p == 0 ? 1 : p == -INFINITY ? 2 : 0};
}

}  // namespace

kiln_status plan_normalize(Call &call) {
  namespace at = op::normalize;
  if (call.empty()) return KILN_STATUS_OK;
  const Dims reduced = call.dims(at::dim);
  const double eps = call.real(at::eps);
  const Norm norm = norm_of(call.real(at::p));
  Staging staging(call, {norm.kernels, &channel_apply_kernels});
  Iteration walk;
  Form form = Form::contiguous;
  const auto fits = [&] {
    return walk_reduced(staging.input(), staging.output(), reduced, 2, &walk) && form_of(walk, &form);
  };
  if (kiln_status s = staging.lay_out(walk, reduced, fits)) return s;
  Stage apply, combine;
  const int64_t extent = class_extent(walk, form);
  if (kiln_status s = call.executor.choose(channel_apply_kernels, form, extent, &apply)) return s;
  if (kiln_status s = call.executor.choose(*norm.kernels, Form::combine, walk.c->extent, &combine)) return s;
  // Slices side by side are taken in whole lines of a cache.
  const ScopeRules rules = {form == Form::channels_last ? min(64, walk.c->extent) : 1, apply.grain(), false};
  Reduction reduction(call);
  if (kiln_status s = reduction.prepare(walk, form, {norm.kernels}, &channel_apply_kernels, rules)) return s;
  if (kiln_status s = staging.bring()) return s;
  const auto middle = [&](const Scope &scope) {
    const int64_t c = scope.block.c_extent, n = scope.block.n_extent, planes = scope.planes();
    Buffer<4> partial(scope.partial, {c, n, reduction.segments(), 2}, {1, c, planes, reduction.segments() * planes});
    Buffer<3> coefficients(scope.coefficients, {c, n, 4}, {1, c, planes});
    return combine(partial, eps, norm.p, norm.mode, out(coefficients));
  };
  if (kiln_status s = reduction.run(middle, eps, norm.p, norm.mode)) return s;
  return staging.finish();
}

}  // namespace kiln
