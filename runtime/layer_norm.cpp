// kiln_layer_norm: rows of normalized_shape.
#include "arguments.h"
#include "channel_statistics.h"
#include "integers.h"
#include "layer_norm_on_device.h"
#include "parallel.h"
#include "rows.h"
#include "stages.h"

namespace kiln {
namespace {

struct Work {
  Stage stage;
  const RowsLayout *input, *output;
  const float *weight, *bias;  // `parameter_stride` apart: 1, or 0 for one value throughout
  int64_t parameter_stride;
  double eps;
  int64_t task_rows;
};

kiln_status call(const Work &w, const float *input, int64_t input_stride, float *output, int64_t output_stride,
                 int64_t rows) {
  const int64_t length = w.input->length;
  Buffer<2> x(input, {length, rows}, {1, input_stride}), y(output, {length, rows}, {1, output_stride});
  Buffer<1> weight(w.weight, {length}, {w.parameter_stride}), bias(w.bias, {length}, {w.parameter_stride});
  return w.stage(x.get(), weight.get(), bias.get(), w.eps, y.get());
}

kiln_status dense_rows(const Work &w, int64_t first, int64_t last) {
  const int64_t in = w.input->outer_stride[0], out = w.output->outer_stride[0];
  for (int64_t r = first; r < last;) {
    const int64_t rows = min(w.output->run(r, w.input->run(r, last - r)), addressable(in, out, 30));
    if (kiln_status s = call(w, w.input->row(r), in, w.output->row(r), out, rows)) return s;
    r += rows;
  }
  return KILN_STATUS_OK;
}

// Rows whose values are not adjacent pass through memory where they are.
kiln_status staged_rows(const Work &w, int64_t first, int64_t last) {
  Scratch row;
  if (kiln_status s = row.allocate(w.input->length)) return s;
  for (int64_t r = first; r < last; ++r) {
    w.input->gather(r, row.data());
    if (kiln_status s = call(w, row.data(), 0, row.data(), 0, 1)) return s;
    w.output->scatter(r, row.data());
  }
  return KILN_STATUS_OK;
}

kiln_status task(const void *data, int64_t i) {
  const Work &w = *static_cast<const Work *>(data);
  const int64_t first = i * w.task_rows, last = min(first + w.task_rows, w.input->count);
  return w.input->dense() && w.output->dense() ? dense_rows(w, first, last) : staged_rows(w, first, last);
}

// ---- Rows longer than the kernel of whole rows takes: statistics of segments, joined, then applied in pieces ----

struct PieceWork {
  const Work *work;
  Stage apply;
  const float *input;
  float *output;
  const float *coefficients;
};
constexpr int64_t kPiece = int64_t{1} << 18;

kiln_status apply_piece(const void *data, int64_t i) {
  const PieceWork &p = *static_cast<const PieceWork *>(data);
  const Work &w = *p.work;
  const int64_t start = i * kPiece, length = min(kPiece, w.input->length - start), moved = start * w.parameter_stride;
  Buffer<2> x(p.input + start, {length, 1}, {1, 0}), y(p.output + start, {length, 1}, {1, 0});
  Buffer<2> coefficients(p.coefficients, {1, 4}, {0, 1});
  Buffer<1> weight(w.weight + moved, {length}, {w.parameter_stride}),
      bias(w.bias + moved, {length}, {w.parameter_stride});
  return p.apply(x.get(), coefficients.get(), weight.get(), bias.get(), y.get());
}

kiln_status long_row(const kiln_context &context, const Work &w, const float *input, float *output) {
  const float one = 1.0f, minus_zero = -0.0f;
  ChannelStatistics statistics;
  const ChannelLayout row = dense_planes(const_cast<float *>(input), 1, 1, w.input->length);
  if (kiln_status s = statistics.prepare(context, row, row, Sharing::per_group, 1)) return s;
  if (kiln_status s = statistics.measure(w.eps)) return s;
  if (kiln_status s = statistics.derive_coefficients({&one, 0}, {&minus_zero, 0}, w.eps)) return s;
  PieceWork pieces{&w, {}, input, output, statistics.coefficients()};
  if (kiln_status s = pieces.apply.choose(row_apply_kernels, context, Form::rows, w.input->length)) return s;
  return run_tasks(context, 1 + (w.input->length - 1) / kPiece, apply_piece, &pieces);
}

kiln_status long_rows(const kiln_context &context, const Work &w) {
  Scratch staged;
  const bool dense = w.input->dense() && w.output->dense();
  if (!dense)
    if (kiln_status s = staged.allocate(w.input->length)) return s;
  for (int64_t r = 0; r < w.input->count; ++r) {
    if (!dense) w.input->gather(r, staged.data());
    const float *from = dense ? w.input->row(r) : staged.data();
    if (kiln_status s = long_row(context, w, from, dense ? w.output->row(r) : staged.data())) return s;
    if (!dense) w.output->scatter(r, staged.data());
  }
  return KILN_STATUS_OK;
}

kiln_status check_normalized_shape(const Tensor &input, int ndim, const int64_t *shape) {
  if (ndim < 1) return fail(KILN_STATUS_INVALID_ARGUMENT, "normalized_shape: expected 1 or more extents, got %d", ndim);
  if (!shape) return fail(KILN_STATUS_INVALID_ARGUMENT, "normalized_shape: expected %d extents, got NULL", ndim);
  bool tail = ndim <= input.ndim;
  for (int d = 0; tail && d < ndim; ++d) tail = shape[d] == input.shape[input.ndim - ndim + d];
  if (tail) return KILN_STATUS_OK;
  return fail(KILN_STATUS_INVALID_ARGUMENT, "normalized_shape: expected the trailing extents of input, %s, got %s",
              ShapeText(input).text, ShapeText(ndim < KILN_MAX_NDIM ? ndim : KILN_MAX_NDIM, shape).text);
}

}  // namespace
}  // namespace kiln

kiln_status kiln_layer_norm(const kiln_context *given_context, const DLTensor *given_input,
                            const int64_t *normalized_shape, int normalized_ndim, const DLTensor *given_weight,
                            const DLTensor *given_bias, double eps, DLTensor *given_output) {
  using namespace kiln;
  const kiln_context &context = settings(given_context);
  Tensor input, output;
  Parameter weight, bias;
  if (kiln_status s = read_input_and_output(given_input, given_output, &input, &output)) return s;
  if (kiln_status s = check_normalized_shape(input, normalized_ndim, normalized_shape)) return s;
  // u * 1 + -0 is u, the sign of a zero included.
  if (kiln_status s =
          weight.read("weight", given_weight, normalized_ndim, normalized_shape, "normalized_shape", output, 1.0f))
    return s;
  if (kiln_status s =
          bias.read("bias", given_bias, normalized_ndim, normalized_shape, "normalized_shape", output, -0.0f))
    return s;
  if (kiln_status s = check_eps(eps)) return s;
  if (input.device.device_type != kDLCPU)
    return layer_norm_on_device(context, input, normalized_ndim, weight.tensor(), bias.tensor(), eps, output);
  const RowsLayout in(input, normalized_ndim), out(output, normalized_ndim);
  Work work{};
  if (kiln_status s = work.stage.choose(layer_norm_kernels, context, Form::rows, in.length)) return s;
  if (input.count == 0) return KILN_STATUS_OK;
  if (weight.present() || bias.present()) {
    if (kiln_status s = weight.spread(in.length)) return s;
    if (kiln_status s = bias.spread(in.length)) return s;
  }
  work.input = &in;
  work.output = &out;
  work.weight = weight.data();
  work.bias = bias.data();
  work.parameter_stride = weight.stride();
  work.eps = eps;
  work.task_rows = 1 + (work.stage.grain() - 1) / in.length;
  if (in.length > kLongestPlane) return long_rows(context, work);
  return run_tasks(context, 1 + (in.count - 1) / work.task_rows, task, &work);
}
