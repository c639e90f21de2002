// Elementwise operators on devices: one launch for as much as a kernel's 32-bit indices reach.
#include "device/device.h"
#include "elementwise_layout.h"
#include "integers.h"
#include "pointwise.h"

namespace kiln {
namespace {

constexpr int kIndexBits = 28;  // of one dimension's reach; four of them make 30
constexpr int64_t kMaxElements = int64_t{1} << 30;
constexpr int64_t kVectorBytes = 16;

bool aligned(const void *p) { return reinterpret_cast<uintptr_t>(p) % kVectorBytes == 0; }

// What all launches of a call share.
struct Work {
  DeviceCall *call;
  const Kernel *kernel;
  void *input_object, *output_object;

  template <int in_dimensions, int out_dimensions>
  kiln_status launch(Buffer<in_dimensions> &input, Buffer<out_dimensions> &output) {
    const auto function = reinterpret_cast<PointwiseKernel>(kernel->function);
    const int result = function(call, input.on(input_object, false).get(), output.on(output_object, true).get());
    return check_kernel(*kernel, result, call->status);
  }
};

// ---- aligned and dense: one run ----

kiln_status run_line(Work *work, const ElementwiseLayout &layout, int64_t count) {
  for (int64_t start = 0; start < count; start += kMaxElements) {
    const int64_t n = min(kMaxElements, count - start);
    const Placed from = place(*work->call, const_cast<float *>(layout.input) + start);
    const int64_t reach[] = {n + from.rest}, extent[] = {n}, stride[] = {1};
    Buffer<1> input(from.base, reach, stride), output(layout.output + start, extent, stride);
    input.dim[0].min = -from.rest;
    if (kiln_status s = work->launch(input, output)) return s;
  }
  return KILN_STATUS_OK;
}

// ---- boxes: up to four dimensions a launch, the rest one launch after another ----

constexpr int kBox = 4;

// The extents of a launch in the layout's dimensions, the first of which are innermost.
struct Boxes {
  int64_t extent[KILN_MAX_NDIM];
  int64_t count = 1;

  explicit Boxes(const ElementwiseLayout &l) {
    for (int d = 0; d < l.ndim; ++d) {
      extent[d] = d < kBox ? min(l.extent[d], addressable(l.input_stride[d], l.output_stride[d], kIndexBits)) : 1;
      extent[d] = min(extent[d], max(1, kMaxElements / count));
      count *= extent[d];
    }
  }
};

// The box of `l` that begins at index `at`.
kiln_status run_box(Work *work, const ElementwiseLayout &l, const Boxes &boxes, const int64_t *at) {
  int64_t extents[kBox + 1], in_strides[kBox + 1], out_strides[kBox], out_extents[kBox];
  const float *in = l.input;
  float *out = l.output;
  int64_t low = 0;
  for (int d = 0; d < l.ndim; ++d) {
    in += at[d] * l.input_stride[d];
    out += at[d] * l.output_stride[d];
  }
  for (int d = 0; d < kBox; ++d) {
    const bool there = d < l.ndim;
    extents[d] = out_extents[d] = there ? min(boxes.extent[d], l.extent[d] - at[d]) : 1;
    in_strides[d] = there ? l.input_stride[d] : 1;
    out_strides[d] = there ? l.output_stride[d] : 1;
    if (in_strides[d] < 0) low += (extents[d] - 1) * in_strides[d];
  }
  // The lowest element's place is the base; the fifth dimension goes from there to the first element.
  const Placed from = place(*work->call, const_cast<float *>(in) + low);
  const int64_t rest = from.rest - low;
  extents[kBox] = rest + 1;
  in_strides[kBox] = 1;
  Buffer<kBox + 1> input(from.base, extents, in_strides);
  input.dim[kBox].min = static_cast<int32_t>(-rest);
  Buffer<kBox> output(out, out_extents, out_strides);
  return work->launch(input, output);
}

kiln_status run_boxes(Work *work, const ElementwiseLayout &l) {
  const Boxes boxes(l);
  int64_t at[KILN_MAX_NDIM] = {};
  for (int d = 0; d < l.ndim;) {
    if (kiln_status s = run_box(work, l, boxes, at)) return s;
    for (d = 0; d < l.ndim; ++d) {
      if ((at[d] += boxes.extent[d]) < l.extent[d]) break;
      at[d] = 0;
    }
  }
  return KILN_STATUS_OK;
}

}  // namespace

kiln_status run_pointwise_on_device(const KernelList &kernels, const kiln_context &context, const Tensor &input,
                                    const Tensor &output) {
  const ElementwiseLayout layout(input, output);
  DeviceCall call;
  Work work{&call, nullptr, input.object, output.object};
  if (kiln_status s = call.begin(context, input.device)) return s;
  if (kiln_status s = call.api->check(&call, "input", input)) return s;
  if (kiln_status s = call.api->check(&call, "output", output)) return s;
  const bool vectors =
      aligned(layout.input) && aligned(layout.output) && place(call, const_cast<float *>(layout.input)).rest == 0;
  const Form form = !layout.dense() ? Form::strided : vectors ? Form::aligned : Form::dense;
  if (kiln_status s = choose_device_kernel(kernels, call, form, &work.kernel)) return s;
  if (input.count == 0) return KILN_STATUS_OK;
  return form == Form::strided ? run_boxes(&work, layout) : run_line(&work, layout, input.count);
}

kiln_status copy_on_device(DeviceCall *call, const Kernel &copy, const Tensor &from, const Tensor &to) {
  Work work{call, &copy, from.object, to.object};
  return run_boxes(&work, ElementwiseLayout(from, to));
}

}  // namespace kiln
