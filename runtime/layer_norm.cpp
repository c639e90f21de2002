// kiln_layer_norm: rows of normalized_shape.
#include <inttypes.h>
#include <stdlib.h>

#include "kernel.h"
#include "overlap.h"
#include "parallel.h"
#include "rows.h"
#include "scratch.h"
#include "status.h"

namespace kiln {

extern const KernelList layer_norm_kernels;

namespace {

// Form rows: input, output (length, rows) with positions adjacent; weight, bias (length), both adjacent or both one value
// throughout (stride 0).
using LayerNormKernel = int (*)(const void *user_context, halide_buffer_t *input, halide_buffer_t *weight,
                                halide_buffer_t *bias, double eps, halide_buffer_t *output);

// Values in a row, at most: what the kernel keeps of its segments is on the stack.
constexpr int64_t kLongestRow = int64_t{1} << 20;

// One value per position in a row.
struct Parameter {
  const float *data;
  int32_t stride;
};

struct Work {
  const kiln_context *context;
  const Kernel *kernel;
  const RowsLayout *input, *output;
  Parameter weight, bias;
  double eps;
  int64_t task_rows;
};

kiln_status call(const Work &w, const float *input, int64_t input_stride, float *output, int64_t output_stride,
                 int64_t rows) {
  const int32_t length = static_cast<int32_t>(w.input->length);
  const int32_t extents[] = {length, static_cast<int32_t>(rows)}, row[] = {length};
  const auto narrow = [rows](int64_t stride) { return rows > 1 ? static_cast<int32_t>(stride) : 0; };
  Buffer<2> x(const_cast<float *>(input), extents, {1, narrow(input_stride)});
  Buffer<2> y(output, extents, {1, narrow(output_stride)});
  Buffer<1> weight(const_cast<float *>(w.weight.data), row, {w.weight.stride});
  Buffer<1> bias(const_cast<float *>(w.bias.data), row, {w.bias.stride});
  const auto function = reinterpret_cast<LayerNormKernel>(w.kernel->function);
  return check_kernel(*w.kernel, function(w.context, x.get(), weight.get(), bias.get(), w.eps, y.get()));
}

// Rows apart by no more than what keeps an index into the call within Halide's 32 bits.
int64_t addressable(int64_t stride) {
  const int64_t step = stride < 0 ? -stride : stride;
  return step == 0 ? INT32_MAX : 1 + (INT32_MAX / 2) / step;
}

kiln_status dense_rows(const Work &w, int64_t first, int64_t last) {
  for (int64_t r = first; r < last;) {
    int64_t rows = w.output->run(r, w.input->run(r, last - r));
    const int64_t in = w.input->outer_stride[0], out = w.output->outer_stride[0];
    for (int64_t limit : {addressable(in), addressable(out)})
      if (rows > limit) rows = limit;
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
  const int64_t first = i * w.task_rows;
  const int64_t last = first + w.task_rows < w.input->count ? first + w.task_rows : w.input->count;
  return w.input->dense() && w.output->dense() ? dense_rows(w, first, last) : staged_rows(w, first, last);
}

// ---- Arguments ----

struct Arguments {
  Tensor input, output;
  Tensor weight, bias;
  bool has_weight = false, has_bias = false;
};

kiln_status read_optional(const char *name, const DLTensor *given, int ndim, const int64_t *shape, const Tensor &output,
                          Tensor *tensor, bool *has) {
  if (!given) return KILN_STATUS_OK;
  *has = true;
  if (kiln_status s = read_tensor(name, given, tensor)) return s;
  if (kiln_status s = expect_shape(name, *tensor, ndim, shape, "normalized_shape")) return s;
  return expect_no_overlap(name, *tensor, output, false);
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

kiln_status read_arguments(const DLTensor *input, const int64_t *shape, int ndim, const DLTensor *weight,
                           const DLTensor *bias, double eps, DLTensor *output, Arguments *a) {
  if (kiln_status s = read_tensor("input", input, &a->input)) return s;
  if (kiln_status s = check_normalized_shape(a->input, ndim, shape)) return s;
  if (kiln_status s = read_tensor("output", output, &a->output)) return s;
  if (kiln_status s = expect_shape("output", a->output, a->input.ndim, a->input.shape, "input")) return s;
  if (kiln_status s = expect_distinct_elements("output", a->output)) return s;
  if (kiln_status s = expect_no_overlap("input", a->input, a->output, true)) return s;
  if (kiln_status s = read_optional("weight", weight, ndim, shape, a->output, &a->weight, &a->has_weight)) return s;
  if (kiln_status s = read_optional("bias", bias, ndim, shape, a->output, &a->bias, &a->has_bias)) return s;
  if (!(eps >= 0)) return fail(KILN_STATUS_INVALID_ARGUMENT, "eps: expected 0 or more, got %g", eps);
  return KILN_STATUS_OK;
}

// The parameter's values side by side: as they lie, or copied. An absent one is `neutral` throughout, a single value
// where `single` says so.
kiln_status flatten(const Tensor &tensor, bool present, const float *neutral, bool single, int64_t length, Scratch *copy,
                    Parameter *parameter) {
  *parameter = single ? Parameter{neutral, 0} : Parameter{tensor.data, 1};
  if (single) return KILN_STATUS_OK;
  const RowsLayout layout(tensor, tensor.ndim);
  if (present && layout.dense()) return KILN_STATUS_OK;
  if (kiln_status s = copy->allocate(length)) return s;
  if (present)
    layout.gather(0, copy->data());
  else
    for (int64_t i = 0; i < length; ++i) copy->data()[i] = *neutral;
  parameter->data = copy->data();
  return KILN_STATUS_OK;
}

}  // namespace
}  // namespace kiln

kiln_status kiln_layer_norm(const kiln_context *given_context, const DLTensor *input, const int64_t *normalized_shape,
                            int normalized_ndim, const DLTensor *weight, const DLTensor *bias, double eps,
                            DLTensor *output) {
  using namespace kiln;
  const kiln_context &context = settings(given_context);
  Arguments a;
  if (kiln_status s =
          read_arguments(input, normalized_shape, normalized_ndim, weight, bias, eps, output, &a))
    return s;
  const Kernel *kernel;
  if (kiln_status s = choose_kernel(layer_norm_kernels, context, Form::rows, &kernel)) return s;
  if (a.input.count == 0) return KILN_STATUS_OK;
  const RowsLayout in(a.input, normalized_ndim), out(a.output, normalized_ndim);
  if (in.length > kLongestRow)
    return fail(KILN_STATUS_UNSUPPORTED, "normalized_shape: expected at most %" PRId64 " values in a row, got %" PRId64,
                kLongestRow, in.length);
  // u * 1 + -0 is u, the sign of a zero included.
  static const float one = 1.0f, minus_zero = -0.0f;
  Scratch weight_copy, bias_copy;
  Work work{&context, kernel, &in, &out, {}, {}, eps, 1 + (kernel->grain - 1) / in.length};
  const bool single = !a.has_weight && !a.has_bias;
  if (kiln_status s = flatten(a.weight, a.has_weight, &one, single, in.length, &weight_copy, &work.weight)) return s;
  if (kiln_status s = flatten(a.bias, a.has_bias, &minus_zero, single, in.length, &bias_copy, &work.bias)) return s;
  return run_tasks(context, 1 + (in.count - 1) / work.task_rows, task, &work);
}
