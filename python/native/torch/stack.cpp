#include "stack.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace kiln::torch {
namespace {

// A value lies in the lowest bytes of its place.
template <class T>
T value(StableIValue from) {
  static_assert(sizeof(T) <= sizeof(StableIValue), "a value fits its place");
  T to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

// What may be absent comes by an address, which belongs to the reader.
std::optional<StableIValue> optional(StableIValue *from) {
  const std::unique_ptr<StableIValue> owned(from);
  return from ? std::optional<StableIValue>(*from) : std::nullopt;
}

}  // namespace

template <class T>
T Stack::next() {
  return value<T>(values_[read_++]);
}
template bool Stack::next<bool>();
template int64_t Stack::next<int64_t>();
template double Stack::next<double>();
template AtenTensorHandle Stack::next<AtenTensorHandle>();

std::optional<double> Stack::optional_real() {
  const std::optional<StableIValue> found = optional(next<StableIValue *>());
  return found ? std::optional<double>(value<double>(*found)) : std::nullopt;
}

Tensor Stack::optional_tensor() {
  const std::optional<StableIValue> found = optional(next<StableIValue *>());
  return found ? Tensor(value<AtenTensorHandle>(*found), Tensor::Access::read) : Tensor();
}

Integers Stack::integers() {
  struct List {
    StableListHandle handle;
    ~List() { torch_delete_list(handle); }
  } list{next<StableListHandle>()};
  size_t size = 0;
  ensure(torch_list_size(list.handle, &size), "list_size");
  std::vector<int64_t> values(size);
  for (size_t i = 0; i < size; ++i) {
    StableIValue element = 0;
    ensure(torch_list_get_item(list.handle, i, &element), "list_get_item");
    values[i] = value<int64_t>(element);
  }
  return Integers(std::move(values));
}

void Stack::results(std::initializer_list<Tensor *> tensors) {
  const auto *first = std::find_if(tensors.begin(), tensors.end(), [](const Tensor *t) { return bool(*t); });
  const Device device =
      first == tensors.end() ? Device{aoti_torch_device_type_cpu(), 0} : device_of((*first)->handle());
  StableIValue *to = values_;
  for (Tensor *tensor : tensors) {
    AtenTensorHandle handle = *tensor ? tensor->release() : empty({0}, aoti_torch_dtype_float32(), device).release();
    *to++ = reinterpret_cast<StableIValue>(handle);
  }
}

void check(kiln_status status) {
  if (status == KILN_STATUS_OK) return;
  if (status == KILN_STATUS_INVALID_ARGUMENT || status == KILN_STATUS_UNSUPPORTED)
    throw std::invalid_argument(kiln_last_error());
  throw std::runtime_error(kiln_last_error());
}

std::vector<int64_t> channels(const Tensor &input) { return {input.extent(1)}; }
std::vector<int64_t> planes(const Tensor &input) { return {input.extent(0), input.extent(1)}; }
// Kiln refuses other numbers of groups than those that fit, and is asked after memory for them is there.
std::vector<int64_t> groups(const Tensor &input, int64_t num_groups) {
  return {input.extent(0), std::clamp<int64_t>(num_groups, 0, input.extent(1))};
}

std::vector<int64_t> rows(const Tensor &input, const Integers &normalized_shape) {
  const DLTensor &view = input.view();
  return {view.shape, view.shape + std::max(view.ndim - normalized_shape.count(), 0)};
}

Tensor measured(const std::vector<int64_t> &shape, const Place &place) {
  return empty(shape, aoti_torch_dtype_float32(), place.device());
}

Tensor gradient_of_parameter(const std::vector<int64_t> &shape, const Tensor &weight, const Tensor &input) {
  int32_t dtype = 0;
  ensure(aoti_torch_get_dtype((weight ? weight : input).handle(), &dtype), "dtype");
  return empty(shape, dtype, device_of(input.handle()));
}

}  // namespace kiln::torch
