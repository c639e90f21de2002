#include "tensor.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace kiln::torch {
namespace {

// Another type than Kiln has is handed on, so that Kiln's own text names it.
DLDataType dtype_of(AtenTensorHandle handle) {
  static const int32_t float32 = aoti_torch_dtype_float32(), float16 = aoti_torch_dtype_float16(),
                       bfloat16 = aoti_torch_dtype_bfloat16(), float64 = aoti_torch_dtype_float64();
  int32_t dtype = 0;
  ensure(aoti_torch_get_dtype(handle, &dtype), "dtype");
  if (dtype == float32) return {kDLFloat, 32, 1};
  if (dtype == float16) return {kDLFloat, 16, 1};
  if (dtype == bfloat16) return {kDLBfloat, 16, 1};
  if (dtype == float64) return {kDLFloat, 64, 1};
  throw std::invalid_argument("kiln: expected a tensor of float32, float16 or bfloat16");
}

DLDevice dl_device_of(AtenTensorHandle handle) {
  static const int32_t cpu = aoti_torch_device_type_cpu(), cuda = aoti_torch_device_type_cuda();
  const Device device = device_of(handle);
  if (device.type == cpu) return {kDLCPU, 0};
  if (device.type == cuda) return {kDLCUDA, device.index};
  throw std::invalid_argument("kiln: expected a tensor on the CPU or on a CUDA device");
}

// Whether the elements fill their memory, each in a place of its own.
bool is_dense(const DLTensor &view) {
  int order[KILN_MAX_NDIM], count = 0;
  int64_t expected = 1;
  bool row_major = true;
  for (int i = view.ndim - 1; i >= 0; --i) {
    if (view.shape[i] == 0) return false;  // PyTorch has rules of its own for what has no elements
    if (view.shape[i] == 1) continue;
    row_major = row_major && view.strides[i] == expected;
    expected *= view.shape[i];
    order[count++] = i;
  }
  if (row_major) return true;
  std::sort(order, order + count, [&](int a, int b) { return view.strides[a] < view.strides[b]; });
  expected = 1;
  for (int i = 0; i < count; expected *= view.shape[order[i++]])
    if (view.strides[order[i]] != expected) return false;
  return true;
}

}  // namespace

void ensure(AOTITorchError error, const char *what) {
  if (error) throw std::runtime_error(std::string("kiln: PyTorch's C ABI failed: ") + what);
}

Tensor::Tensor(AtenTensorHandle handle, Access access) : handle_(handle) {
  // A constructor that throws runs no destructor, and the handle is owned from here on.
  struct Guard {
    AtenTensorHandle handle;
    ~Guard() {
      if (handle) aoti_torch_delete_tensor_object(handle);
    }
  } guard{handle};
  int64_t ndim = 0;
  ensure(aoti_torch_get_dim(handle, &ndim), "dim");
  if (ndim > KILN_MAX_NDIM)
    throw std::invalid_argument("kiln: expected a rank of at most " + std::to_string(KILN_MAX_NDIM));
  view_.ndim = static_cast<int32_t>(ndim);
  ensure(aoti_torch_get_sizes(handle, &view_.shape), "sizes");
  ensure(aoti_torch_get_strides(handle, &view_.strides), "strides");
  view_.dtype = dtype_of(handle);
  view_.device = dl_device_of(handle);
  if (access == Access::read) {  // a copy that is made when somebody writes stays unmade
    const void *data = nullptr;
    ensure(torch_get_const_data_ptr(handle, &data), "data");
    view_.data = const_cast<void *>(data);
  } else {
    ensure(torch_get_mutable_data_ptr(handle, &view_.data), "data");
  }
  guard.handle = nullptr;
}

Device device_of(AtenTensorHandle handle) {
  Device device = {};
  ensure(aoti_torch_get_device_type(handle, &device.type), "device type");
  ensure(aoti_torch_get_device_index(handle, &device.index), "device index");
  return device;
}

Tensor empty(const std::vector<int64_t> &shape, int32_t dtype, Device device) {
  std::vector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (size_t i = shape.size(); i-- > 0; stride *= std::max<int64_t>(shape[i], 1)) strides[i] = stride;
  AtenTensorHandle made = nullptr;
  ensure(aoti_torch_empty_strided(static_cast<int64_t>(shape.size()), shape.data(), strides.data(), dtype, device.type,
                                  device.index, &made),
         "empty_strided");
  return Tensor(made, Tensor::Access::write);
}

Tensor like(const Tensor &other) {
  const DLTensor &view = other.view();
  AtenTensorHandle made = nullptr;
  if (is_dense(view)) {
    int32_t dtype = 0;
    ensure(aoti_torch_get_dtype(other.handle(), &dtype), "dtype");
    const Device device = device_of(other.handle());
    ensure(aoti_torch_empty_strided(view.ndim, view.shape, view.strides, dtype, device.type, device.index, &made),
           "empty_strided");
    return Tensor(made, Tensor::Access::write);
  }
  AtenTensorHandle self = nullptr;
  ensure(aoti_torch_new_tensor_handle(other.handle(), &self), "new_tensor_handle");
  StableIValue stack[6] = {reinterpret_cast<StableIValue>(self)};  // and five that are absent
  ensure(torch_call_dispatcher("aten::empty_like", "", stack, kAbiVersion), "empty_like");
  return Tensor(reinterpret_cast<AtenTensorHandle>(stack[0]), Tensor::Access::write);
}

Tensor copy(const Tensor &other) {
  if (!other) return {};
  AtenTensorHandle made = nullptr;
  ensure(aoti_torch_clone(other.handle(), &made), "clone");
  return Tensor(made, Tensor::Access::write);
}

}  // namespace kiln::torch
