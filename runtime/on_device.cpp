#include "on_device.h"

#include "pointwise.h"
#include "rows.h"
#include "status.h"

namespace kiln {
namespace {

constexpr int64_t kVectorBytes = 16;

}  // namespace

kiln_status check_on_device(DeviceCall *call, const char *name, const Tensor *parameter) {
  if (!parameter) return KILN_STATUS_OK;
  if (kiln_status s = call->api->check(call, name, *parameter)) return s;
  if (span_of(*parameter).low < 0)
    return fail(KILN_STATUS_UNSUPPORTED, "%s: expected no negative strides on device %s", name, call->api->name);
  return KILN_STATUS_OK;
}

kiln_status neutral_parameter(DeviceCall *call, Neutral which, DeviceParameter *parameter) {
  DeviceMemory memory{};
  if (kiln_status s = call->context->device_scratch.neutral_values(call, &memory)) return s;
  *parameter = {memory.object, values_in<const float>(memory).data + static_cast<int>(which), 0};
  return KILN_STATUS_OK;
}

kiln_status find_parameter(DeviceCall *call, const char *name, const Tensor *tensor, Neutral which,
                           DeviceParameter *parameter) {
  if (!tensor) return neutral_parameter(call, which, parameter);
  int64_t extent[KILN_MAX_NDIM], stride[KILN_MAX_NDIM];
  if (join_dimensions(*tensor, 0, tensor->ndim, extent, stride) != 1)
    return fail(KILN_STATUS_UNSUPPORTED, "%s: expected values a single step apart on device %s, got shape %s", name,
                call->api->name, ShapeText(*tensor).text);
  *parameter = {tensor->object, tensor->data, stride[0]};
  return KILN_STATUS_OK;
}

kiln_status DevicePair::check(DeviceCall *call, const Tensor &input, const Tensor &output) {
  call_ = call;
  input_ = input;
  output_ = output;
  if (kiln_status s = call->api->check(call, "input", input)) return s;
  return call->api->check(call, "output", output);
}

bool DevicePair::may_stay() const { return span_of(input_).low >= 0 && span_of(output_).low >= 0; }

kiln_status DevicePair::stage() {
  dense_ = input_;
  dense_.data = nullptr;
  dense_.object = nullptr;
  int64_t step = 1;
  for (int d = dense_.ndim - 1; d >= 0; --d) {
    dense_.strides[d] = step;
    step *= dense_.shape[d];
  }
  return choose_device_kernel(copy_kernels, *call_, Form::strided, &copy_);
}

kiln_status DevicePair::bring() {
  if (!copy_) return KILN_STATUS_OK;
  if (kiln_status s = memory_.allocate(call_, dense_.count * static_cast<int64_t>(sizeof(float)))) return s;
  const auto values = values_in<float>(memory_.memory());
  dense_.object = values.object;
  dense_.data = values.data;
  return copy_on_device(call_, *copy_, input_, dense_);
}

kiln_status DevicePair::finish() const {
  return copy_ ? copy_on_device(call_, *copy_, dense_, output_) : KILN_STATUS_OK;
}

Buffer<3> buffer_of(const ChannelLayout &l, const Block &b) {
  return Buffer<3>(l.data + b.n * l.n_stride + b.c * l.c_stride + b.s * l.s_stride,
                   {b.s_extent, b.c_extent, b.n_extent}, {l.s_stride, l.c_stride, l.n_stride});
}

bool whole_vectors(const DeviceCall &call, const float *data) {
  return call.alignment > 1 || reinterpret_cast<uintptr_t>(data) % kVectorBytes == 0;
}

kiln_status apply_on_device(const DeviceCall &call, const Stage &apply, Form form, const ChannelLayout &in,
                            void *in_object, const ChannelLayout &out, void *out_object,
                            const DeviceCoefficients &coefficients) {
  const Blocks blocks = cut(in, out, {kMostInLaunch, 1, INT32_MAX / 4, false});
  const int dense = form == Form::channels_last ? 1 : 0;
  for (int64_t i = 0; i < blocks.count(); ++i) {
    const Block b = blocks.at(i);
    Buffer<3> x = buffer_of(in, b), y = buffer_of(out, b);
    Buffer<3> k(coefficients.values.data + b.n * coefficients.n_stride + b.c * coefficients.c_stride,
                {b.c_extent, b.n_extent, 4}, {coefficients.c_stride, coefficients.n_stride, coefficients.k_stride});
    const bool whole = whole_vectors(call, reinterpret_cast<float *>(x.raw.host)) &&
                       whole_vectors(call, reinterpret_cast<float *>(y.raw.host));
    // Indices that begin at 1 tell the kernel that an address is no multiple of 16 bytes.
    x.dim[dense].min = y.dim[dense].min = whole ? 0 : 1;
    if (form == Form::channels_last) k.dim[0].min = x.dim[dense].min;
    if (kiln_status s = apply(x.on(in_object, false).get(), k.on(coefficients.values.object, false).get(),
                              y.on(out_object, true).get()))
      return s;
  }
  return KILN_STATUS_OK;
}

}  // namespace kiln
