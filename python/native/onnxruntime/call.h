// One run of a node: its tensors as Kiln takes them, and Kiln's context.
#pragma once

#include <kiln/kiln.h>

#include <memory>
#include <vector>

#include "api.h"

namespace kiln::onnx {

// A tensor of ONNX Runtime's, or a view of one. Its shape is that of ONNX Runtime's value or its own.
class Tensor {
 public:
  Tensor() = default;  // absent
  Tensor(void *data, DLDataType type, const int64_t *shape, size_t rank);
  Tensor(Tensor &&) = default;
  Tensor &operator=(Tensor &&) = default;

  bool present() const { return present_; }
  // NULL where it is absent, as Kiln's functions want it.
  DLTensor *get() { return present_ ? &tensor_ : nullptr; }
  int rank() const { return tensor_.ndim; }
  int64_t extent(int i) const { return tensor_.shape[i]; }
  const int64_t *shape() const { return tensor_.shape; }
  // The product of the extents from `first` up to and without `last`, or all from there on.
  int64_t count(int first = 0, int last = -1) const;
  bool empty() const { return count() == 0; }
  DLDataType type() const { return tensor_.dtype; }
  int64_t item_size() const { return tensor_.dtype.bits / 8; }
  template <class T>
  T *data() const {
    return static_cast<T *>(tensor_.data);
  }

  // The same memory in another shape, whose strides are in elements, beginning `offset` elements from here.
  Tensor view(std::vector<int64_t> shape, std::vector<int64_t> strides, int64_t offset = 0) const;

 private:
  bool present_ = false;
  DLTensor tensor_{};
  std::vector<int64_t> shape_, strides_;
};

// How the nodes of a session are computed: a context of Kiln's, whose work is done by the session's threads.
class Context {
 public:
  Context();
  kiln_context *get() const { return context_.get(); }

 private:
  std::unique_ptr<kiln_context, void (*)(kiln_context *)> context_;
};

// Throws what Kiln says where it is not done.
void expect(kiln_status status);

class Call {
 public:
  // inputs: the places of the computation's inputs among the node's, or NULL where they are the same.
  Call(const Api &api, const Context &context, ort::KernelContext *node, const std::vector<int> *inputs = nullptr);
  ~Call();
  Call(const Call &) = delete;
  Call &operator=(const Call &) = delete;

  const kiln_context *context() const { return context_.get(); }
  Tensor input(size_t i) const;
  bool may_have_output(size_t i) const { return i == 0 || i < count(ort::api::kernel_context_get_output_count); }
  // An output of this shape; absent where nobody asks for it.
  Tensor output(size_t i, const int64_t *shape, size_t rank) const;
  // Of the shape of another tensor.
  Tensor output(size_t i, const Tensor &like) const { return output(i, like.shape(), like.rank()); }
  // Of Kiln's contexts: has ONNX Runtime's threads do the work of this thread's call.
  static void parallel_for(void *, int64_t count, kiln_parallel_body body, void *body_data);

 private:
  Tensor tensor(const ort::Value *value, void *data) const;
  size_t count(ort::Slot<ort::Status *(const ort::KernelContext *, size_t *)> slot) const;

  const Api &api_;
  const Context &context_;
  ort::KernelContext *node_;
  const std::vector<int> *inputs_;
  const Call *outer_;  // this thread's call before
};

// What a node computes, with its attributes read.
class Computation {
 public:
  virtual ~Computation() = default;
  virtual void run(const Call &call) const = 0;
};

}  // namespace kiln::onnx
