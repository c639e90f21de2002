#include "pointwise.h"

#include "arguments.h"
#include "elementwise_layout.h"
#include "integers.h"
#include "parallel.h"

namespace kiln {
namespace {

// Elements in one kernel call where threads do not ask for less, and the bits of an index: Halide's have 31.
constexpr int kIndexBits = 28;
constexpr int64_t kMaxExtent = int64_t{1} << kIndexBits;

template <int dimensions>
kiln_status call(const kiln_context *context, const Kernel &kernel, Buffer<dimensions> &&input,
                 Buffer<dimensions> &&output) {
  const auto function = reinterpret_cast<PointwiseKernel>(kernel.function);
  return check_kernel(kernel, function(context, input.get(), output.get()));
}

// ---- dense: one run, cut into pieces ----

struct DenseWork {
  const kiln_context *context;
  const Kernel *kernel;
  const float *input;
  float *output;
  int64_t count, piece;
};

kiln_status dense_piece(const void *data, int64_t i) {
  const DenseWork &w = *static_cast<const DenseWork *>(data);
  const int64_t start = i * w.piece;
  const int64_t extent[] = {min(w.piece, w.count - start)}, stride[] = {1};
  return call<1>(w.context, *w.kernel, {w.input + start, extent, stride}, {w.output + start, extent, stride});
}

kiln_status run_dense(const kiln_context &context, const Kernel &kernel, const ElementwiseLayout &layout,
                      int64_t count) {
  // With one thread there is nothing to share out.
  const int64_t piece = choose_threads(context) > 1 ? min(kernel.grain, kMaxExtent) : kMaxExtent;
  const DenseWork work{&context, &kernel, layout.input, layout.output, count, piece};
  return run_tasks(context, ceil_div(count, piece), dense_piece, &work);
}

// ---- strided: lines along dimension 0, in planes along dimension 1, over the rest ----

struct StridedWork {
  const kiln_context *context;
  const Kernel *kernel;
  const ElementwiseLayout *layout;
  int64_t width;       // elements of a line in one kernel call
  int64_t pieces;      // of a line
  int64_t lines;       // in all
  int64_t task_lines;  // lines in one task
  int64_t call_lines;  // lines in one kernel call, at most
};

kiln_status strided_task(const void *data, int64_t i) {
  const StridedWork &w = *static_cast<const StridedWork *>(data);
  const ElementwiseLayout &l = *w.layout;
  const int64_t start = i % w.pieces * w.width;
  const int64_t first_line = i / w.pieces * w.task_lines, last_line = min(first_line + w.task_lines, w.lines);
  const int64_t plane = l.ndim > 1 ? l.extent[1] : 1;
  const int64_t in1 = l.ndim > 1 ? l.input_stride[1] : 0, out1 = l.ndim > 1 ? l.output_stride[1] : 0;
  for (int64_t line = first_line; line < last_line;) {
    const int64_t y = line % plane;
    const int64_t count = min(min(plane - y, last_line - line), w.call_lines);
    int64_t in = start * l.input_stride[0] + y * in1, out = start * l.output_stride[0] + y * out1;
    int64_t rest = line / plane;
    for (int d = 2; d < l.ndim; ++d) {
      in += rest % l.extent[d] * l.input_stride[d];
      out += rest % l.extent[d] * l.output_stride[d];
      rest /= l.extent[d];
    }
    const int64_t extents[] = {min(w.width, l.extent[0] - start), count};
    const int64_t in_strides[] = {l.input_stride[0], in1}, out_strides[] = {l.output_stride[0], out1};
    if (kiln_status s =
            call<2>(w.context, *w.kernel, {l.input + in, extents, in_strides}, {l.output + out, extents, out_strides}))
      return s;
    line += count;
  }
  return KILN_STATUS_OK;
}

kiln_status run_strided(const kiln_context &context, const Kernel &kernel, const ElementwiseLayout &layout,
                        int64_t count) {
  StridedWork work{&context, &kernel, &layout, 0, 0, 0, 0, 0};
  work.width = min(min(layout.extent[0], kernel.grain),
                   addressable(layout.input_stride[0], layout.output_stride[0], kIndexBits));
  work.pieces = ceil_div(layout.extent[0], work.width);
  work.lines = count / layout.extent[0];
  work.task_lines = min(work.lines, ceil_div(kernel.grain, work.width));
  work.call_lines = layout.ndim > 1 ? addressable(layout.input_stride[1], layout.output_stride[1], kIndexBits) : 1;
  return run_tasks(context, work.pieces * ceil_div(work.lines, work.task_lines), strided_task, &work);
}

}  // namespace

kiln_status run_pointwise(const KernelList &kernels, const kiln_context *given_context, const DLTensor *given_input,
                          DLTensor *given_output) {
  const kiln_context &context = settings(given_context);
  Tensor input, output;
  if (kiln_status s = read_input_and_output(given_input, given_output, &input, &output)) return s;
  if (input.device.device_type != kDLCPU) return run_pointwise_on_device(kernels, context, input, output);
  const ElementwiseLayout layout(input, output);
  const Form form = layout.dense() ? Form::dense : Form::strided;
  const int64_t extent = form == Form::dense ? input.count : layout.extent[0];
  const Kernel *kernel;
  if (kiln_status s = choose_kernel(kernels, context, form, extent, &kernel)) return s;
  if (input.count == 0) return KILN_STATUS_OK;
  return form == Form::dense ? run_dense(context, *kernel, layout, input.count)
                             : run_strided(context, *kernel, layout, input.count);
}

}  // namespace kiln
