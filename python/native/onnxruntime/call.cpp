#include "call.h"

#include <utility>

namespace kiln::onnx {

namespace {

// The call that this thread is at: Kiln asks for threads by its context, which serves many calls at once, and ONNX
// Runtime gives them by the node that runs.
thread_local const Call *this_threads_call = nullptr;

struct Work {
  kiln_parallel_body body;
  void *data;
};

DLDataType type_of(ort::ElementType type) {
  switch (type) {
    case ort::kFloat:
      return {kDLFloat, 32, 1};
    case ort::kFloat16:
      return {kDLFloat, 16, 1};
    case ort::kBFloat16:
      return {kDLBfloat, 16, 1};
    default:
      throw Failure(ort::kInvalidArgument, "Kiln: element type " + std::to_string(type) + " of ONNX is none of Kiln's");
  }
}

kiln_context *made_context() {
  kiln_context *context = nullptr;
  expect(kiln_context_create(&context));
  return context;
}

}  // namespace

Tensor::Tensor(void *data, DLDataType type, const int64_t *shape, size_t rank) : present_(true) {
  tensor_.data = data;
  tensor_.device = {kDLCPU, 0};
  tensor_.ndim = static_cast<int>(rank);
  tensor_.dtype = type;
  tensor_.shape = const_cast<int64_t *>(shape);
}

int64_t Tensor::count(int first, int last) const {
  int64_t product = 1;
  for (int i = first, end = last < 0 ? rank() : last; i < end; i++) product *= extent(i);
  return product;
}

Tensor Tensor::view(std::vector<int64_t> shape, std::vector<int64_t> strides, int64_t offset) const {
  Tensor other;
  other.present_ = true;
  other.shape_ = std::move(shape);
  other.strides_ = std::move(strides);
  other.tensor_ = tensor_;
  other.tensor_.data = data<char>() + offset * item_size();
  other.tensor_.ndim = static_cast<int>(other.shape_.size());
  other.tensor_.shape = other.shape_.data();
  other.tensor_.strides = other.strides_.data();
  return other;
}

void expect(kiln_status status) {
  if (status == KILN_STATUS_OK) return;
  const bool of_caller = status == KILN_STATUS_INVALID_ARGUMENT || status == KILN_STATUS_UNSUPPORTED;
  throw Failure(of_caller ? ort::kInvalidArgument : ort::kRuntimeException, kiln_last_error());
}

Context::Context() : context_(made_context(), kiln_context_destroy) {
  expect(kiln_context_set_parallel_for(context_.get(), Call::parallel_for, nullptr));
}

void Call::parallel_for(void *, int64_t count, kiln_parallel_body body, void *body_data) {
  const Call *call = this_threads_call;
  Work work{body, body_data};
  const auto run = [](void *data, size_t i) {
    const Work &work = *static_cast<Work *>(data);
    work.body(work.data, static_cast<int64_t>(i));
  };
  const bool done = call->api_.succeeds(
      call->api_.call(ort::api::kernel_context_parallel_for, static_cast<const ort::KernelContext *>(call->node_),
                      static_cast<void (*)(void *, size_t)>(run), static_cast<size_t>(count), size_t{0}, &work));
  if (done) return;
  for (int64_t i = 0; i < count; i++) body(body_data, i);  // ONNX Runtime began none
}

Call::Call(const Api &api, const Context &context, ort::KernelContext *node, const std::vector<int> *inputs)
    : api_(api), context_(context), node_(node), inputs_(inputs), outer_(this_threads_call) {
  this_threads_call = this;
}

Call::~Call() { this_threads_call = outer_; }

Tensor Call::tensor(const ort::Value *value, void *data) const {
  ort::ElementType type = ort::kUndefined;
  const int64_t *shape = nullptr;
  size_t rank = 0;
  api_.expect(ort::api::get_tensor_element_type_and_shape, value, &type, &shape, &rank);
  return Tensor(data, type_of(type), shape, rank);
}

size_t Call::count(ort::Slot<ort::Status *(const ort::KernelContext *, size_t *)> slot) const {
  size_t count = 0;
  api_.expect(slot, static_cast<const ort::KernelContext *>(node_), &count);
  return count;
}

Tensor Call::input(size_t i) const {
  if (inputs_ != nullptr && i >= inputs_->size()) return {};
  const size_t place = inputs_ == nullptr ? i : (*inputs_)[i];
  if (place > 0 && place >= count(ort::api::kernel_context_get_input_count)) return {};  // the first is always there
  const ort::Value *value = nullptr;
  api_.expect(ort::api::kernel_context_get_input, static_cast<const ort::KernelContext *>(node_), place, &value);
  if (value == nullptr) return {};
  const void *data = nullptr;
  api_.expect(ort::api::get_tensor_data, value, &data);
  return tensor(value, const_cast<void *>(data));
}

Tensor Call::output(size_t i, const int64_t *shape, size_t rank) const {
  if (!may_have_output(i)) return {};
  ort::Value *value = nullptr;
  api_.expect(ort::api::kernel_context_get_output, node_, i, shape, rank, &value);
  if (value == nullptr) return {};
  void *data = nullptr;
  api_.expect(ort::api::get_tensor_mutable_data, value, &data);
  return tensor(value, data);
}

}  // namespace kiln::onnx
