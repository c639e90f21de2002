
// A tensor of PyTorch, as Kiln takes it.
#pragma once

#include <kiln/kiln.h>

#include <utility>
#include <vector>

#include "shim.h"

namespace kiln::torch {

// Throws where a function of the shim fails; PyTorch has reported why by then.
void ensure(AOTITorchError error, const char *what);

// A handle that is owned, and the view that Kiln gets of it; or no tensor. It does not move in memory between get() and
// the end of the call.
class Tensor {
 public:
  enum class Access { read, write };

  Tensor() = default;
  Tensor(AtenTensorHandle handle, Access access);
  Tensor(Tensor &&other) noexcept : handle_(std::exchange(other.handle_, nullptr)), view_(other.view_) {}
  Tensor &operator=(Tensor &&other) = delete;
  ~Tensor() {
    if (handle_) aoti_torch_delete_tensor_object(handle_);
  }

  explicit operator bool() const { return handle_ != nullptr; }
  AtenTensorHandle handle() const { return handle_; }
  AtenTensorHandle release() { return std::exchange(handle_, nullptr); }
  // NULL where there is none.
  DLTensor *get() { return handle_ ? &view_ : nullptr; }
  const DLTensor &view() const { return view_; }
  int64_t extent(int dim) const { return dim < view_.ndim ? view_.shape[dim] : 0; }

 private:
  AtenTensorHandle handle_ = nullptr;
  DLTensor view_ = {};
};

// Where PyTorch makes a tensor: its types and devices have numbers of its own.
struct Device {
  int32_t type, index;
};
Device device_of(AtenTensorHandle handle);

// A dense tensor of float32 or another of PyTorch's types.
Tensor empty(const std::vector<int64_t> &shape, int32_t dtype, Device device);
// Of the shape and type of another, in its layout where that is dense: torch.empty_like.
Tensor like(const Tensor &other);
// A copy, or none of none.
Tensor copy(const Tensor &other);

}  // namespace kiln::torch
