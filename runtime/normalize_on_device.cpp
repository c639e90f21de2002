#include "normalize_on_device.h"

#include "on_device.h"
#include "slices.h"
#include "status.h"

namespace kiln {
namespace {

struct Work {
  DeviceCall call;
  Stage partial, join, apply;
  Slices slices;
  Norm norm;
  double eps;
  DevicePair pair;  // with the kept dimensions first
  bool reduced[KILN_MAX_NDIM];

  bool take() { return slices.take(pair.input(), pair.output(), reduced); }
};

kiln_status prepare(Work *w, const Tensor &input, const Tensor &output, const bool *reduced) {
  if (kiln_status s = w->pair.check(&w->call, kept_first(input, reduced), kept_first(output, reduced))) return s;
  if (input.count == 0) return KILN_STATUS_OK;
  if (!w->pair.may_stay() || !w->take()) {
    if (kiln_status s = w->pair.stage()) return s;
    w->take();
  }
  if (kiln_status s = w->partial.choose(*w->norm.kernels, &w->call, w->slices.form)) return s;
  if (kiln_status s = w->join.choose(*w->norm.kernels, &w->call, Form::combine)) return s;
  return w->apply.choose(channel_apply_kernels, &w->call, w->slices.form);
}

// The groups from `first` on that lie a single step apart.
kiln_status run(Work *w, int64_t first) {
  const Slices &l = w->slices;
  const int64_t n = l.run(), slices = n * l.c, segments = segments_in(l.s);
  const ChannelLayout in = {
      const_cast<float *>(l.input(first)), n, l.c, l.s, l.input_run_stride(), l.input_c_stride, l.input_s_stride};
  const ChannelLayout out = {l.output(first), n, l.c, l.s, l.output_run_stride(), l.output_c_stride, l.output_s_stride};
  DeviceScratch partial_memory, coefficient_memory;
  if (kiln_status s = partial_memory.allocate(&w->call, 2 * slices * segments * sizeof(double))) return s;
  if (kiln_status s = coefficient_memory.allocate(&w->call, 4 * slices * sizeof(float))) return s;
  const auto partial = values_in<double>(partial_memory.memory());
  const auto coefficients = values_in<float>(coefficient_memory.memory());
  if (kiln_status s = measure_on_device(w->call, w->partial, l.form, in, w->pair.input().object, partial, w->eps,
                                        w->norm.p, w->norm.mode))
    return s;
  Buffer<4> parts(partial.data, {slices, 1, segments, 2}, {1, 0, slices, segments * slices});
  Buffer<3> to(coefficients.data, {slices, 1, 4}, {1, 0, slices});
  if (kiln_status s = w->join(parts.on(partial.object, false).get(), w->eps, w->norm.p, w->norm.mode,
                              to.on(coefficients.object, true).get()))
    return s;
  return apply_on_device(w->call, w->apply, l.form, in, w->pair.input().object, out, w->pair.output().object,
                         {coefficients, 1, l.c, slices});
}

}  // namespace

kiln_status normalize_on_device(const kiln_context &context, const Tensor &input, const Tensor &output,
                                const bool *reduced, const Norm &norm, double eps) {
  Work work{{}, {}, {}, {}, {}, norm, eps, {}, {}};
  for (int d = number_kept(input, reduced); d < input.ndim; ++d) work.reduced[d] = true;
  if (kiln_status s = work.call.begin(context, input.device)) return s;
  if (kiln_status s = prepare(&work, input, output, reduced)) return s;
  if (input.count == 0) return KILN_STATUS_OK;
  const int64_t slices = work.slices.run() * work.slices.c;
  if (slices > INT32_MAX / (2 * segments_in(work.slices.s)))
    return fail(KILN_STATUS_UNSUPPORTED, "input: expected fewer than 2^30 slices on a device, got shape %s",
                ShapeText(input).text);
  if (kiln_status s = work.pair.bring()) return s;
  if (work.pair.staged()) work.take();  // where it is now
  for (int64_t group = 0; group < work.slices.outer; group += work.slices.run())
    if (kiln_status s = run(&work, group)) return s;
  return work.pair.finish();
}

}  // namespace kiln
