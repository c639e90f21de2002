// kiln_normalize: slices divided by their norms.
#include <inttypes.h>
#include <math.h>

#include "arguments.h"
#include "integers.h"
#include "normalize_on_device.h"
#include "parallel.h"
#include "slices.h"
#include "stages.h"

namespace kiln {
namespace {

Norm norm_of(double p) {
  if (p == 2) return {&norm_two_kernels, p, 0};
  if (p == 1) return {&norm_one_kernels, p, 0};
  if (p == INFINITY) return {&norm_max_kernels, p, 0};
  return {&norm_general_kernels, p, p == 0 ? 1 : p == -INFINITY ? 2 : 0};
}

struct Work {
  Stage partial, join, apply;
  const Slices *slices;
  Norm norm;
  double eps;
  int64_t step;   // slices in a task
  int64_t tasks;  // in a group
  int64_t piece;  // values of a slice in one call, a multiple of a segment unless it is all of them
};

// The norms of `width` slices from `c` on, as coefficients of channel_apply.
kiln_status measure(const Work &w, const float *input, int64_t width, double *partial, float *coefficients) {
  const Slices &l = *w.slices;
  const int64_t segments = segments_in(l.s);
  for (int64_t s = 0; s < l.s; s += w.piece) {
    const int64_t length = min(w.piece, l.s - s);
    Buffer<3> x(input + s * l.input_s_stride, {length, width, 1}, {l.input_s_stride, l.input_c_stride, 0});
    Buffer<4> out(partial + s / kSegment * 2 * width, {width, segments_in(length), 1, 2}, {1, 2 * width, 0, width});
    if (kiln_status status = w.partial(x.get(), w.eps, w.norm.p, w.norm.mode, out.get())) return status;
  }
  Buffer<4> parts(partial, {width, 1, segments, 2}, {1, 0, 2 * width, width});
  Buffer<3> out(coefficients, {width, 1, 4}, {1, 0, width});
  return w.join(parts.get(), w.eps, w.norm.p, w.norm.mode, out.get());
}

kiln_status task(const void *data, int64_t i) {
  const Work &w = *static_cast<const Work *>(data);
  const Slices &l = *w.slices;
  const int64_t group = i / w.tasks, first = i % w.tasks * w.step, width = min(w.step, l.c - first);
  const float *input = l.input(group) + first * l.input_c_stride;
  float *output = l.output(group) + first * l.output_c_stride;
  ScratchOf<double> partial;
  Scratch coefficients;
  if (kiln_status status = partial.allocate(2 * segments_in(l.s) * width)) return status;
  if (kiln_status status = coefficients.allocate(4 * width)) return status;
  if (kiln_status status = measure(w, input, width, partial.data(), coefficients.data())) return status;
  for (int64_t s = 0; s < l.s; s += w.piece) {
    const int64_t length = min(w.piece, l.s - s);
    Buffer<3> x(input + s * l.input_s_stride, {length, width, 1}, {l.input_s_stride, l.input_c_stride, 0});
    Buffer<3> y(output + s * l.output_s_stride, {length, width, 1}, {l.output_s_stride, l.output_c_stride, 0});
    Buffer<3> by(coefficients.data(), {width, 1, 4}, {1, 0, width});
    if (kiln_status status = w.apply(x.get(), by.get(), y.get())) return status;
  }
  return KILN_STATUS_OK;
}

// Tasks of about the kernel's grain, whose indices fit Halide's 32 bits.
void cut(Work *w) {
  const Slices &l = *w->slices;
  const int64_t reachable = addressable(l.input_s_stride, l.output_s_stride, 30);
  w->piece = min(kLongestPlane, max(kSegment, reachable / kSegment * kSegment));
  const int64_t wanted = max(1, w->apply.grain() / l.s);
  const int64_t width = l.form == Form::channels_last ? max(64, wanted / 64 * 64) : wanted;
  w->step = min(min(l.c, width), addressable(l.input_c_stride, l.output_c_stride, 30));
  w->tasks = ceil_div(l.c, w->step);
}

kiln_status check_dimensions(const Tensor &input, const int64_t *dim, int count, bool *reduced) {
  if (count < 0) return fail(KILN_STATUS_INVALID_ARGUMENT, "dim: expected 0 or more dimensions, got %d", count);
  if (count > 0 && !dim) return fail(KILN_STATUS_INVALID_ARGUMENT, "dim: expected %d dimensions, got NULL", count);
  for (int d = 0; d < input.ndim; ++d) reduced[d] = count == 0;
  const int64_t rank = input.ndim > 0 ? input.ndim : 1;  // a 0-d tensor answers to 0 and -1
  bool seen[KILN_MAX_NDIM] = {};
  for (int i = 0; i < count; ++i) {
    if (dim[i] < -rank || dim[i] >= rank)
      return fail(KILN_STATUS_INVALID_ARGUMENT, "dim: expected %" PRId64 " to %" PRId64 ", got %" PRId64, -rank,
                  rank - 1, dim[i]);
    const int64_t d = dim[i] < 0 ? dim[i] + rank : dim[i];
    if (seen[d])
      return fail(KILN_STATUS_INVALID_ARGUMENT, "dim: expected different dimensions, got %" PRId64 " twice", d);
    seen[d] = reduced[d] = true;
  }
  return KILN_STATUS_OK;
}

}  // namespace
}  // namespace kiln

kiln_status kiln_normalize(const kiln_context *given_context, const DLTensor *given_input, double p, const int64_t *dim,
                           int dim_count, double eps, DLTensor *given_output) {
  using namespace kiln;
  const kiln_context &context = settings(given_context);
  Tensor input, output;
  bool reduced[KILN_MAX_NDIM] = {};
  if (kiln_status s = read_input_and_output(given_input, given_output, &input, &output)) return s;
  if (kiln_status s = check_dimensions(input, dim, dim_count, reduced)) return s;
  if (p != p) return fail(KILN_STATUS_INVALID_ARGUMENT, "p: expected a number, got %g", p);
  if (kiln_status s = check_eps(eps)) return s;
  if (input.device.device_type != kDLCPU) return normalize_on_device(context, input, output, reduced, norm_of(p), eps);
  if (input.count == 0) return KILN_STATUS_OK;
  Slices slices;
  if (kiln_status s = slices.bring(input, output, reduced)) return s;
  Work work{{}, {}, {}, &slices, norm_of(p), eps, 0, 0, 0};
  const int64_t extent = class_extent(slices.form, slices.s, slices.c);
  if (kiln_status s = work.partial.choose(*work.norm.kernels, context, slices.form, extent)) return s;
  if (kiln_status s = work.join.choose(*work.norm.kernels, context, Form::combine, slices.c)) return s;
  if (kiln_status s = work.apply.choose(channel_apply_kernels, context, slices.form, extent)) return s;
  cut(&work);
  if (kiln_status s = run_tasks(context, slices.outer * work.tasks, task, &work)) return s;
  slices.finish();
  return KILN_STATUS_OK;
}
