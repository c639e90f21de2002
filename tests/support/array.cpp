#include "support/array.h"

#include <cstring>
#include <utility>

#include "support/bits.h"

namespace kiln::test {
namespace {
// Elements around the outermost ones; more than any vector with unrolling.
constexpr int64_t kMargin = 96;
}  // namespace

DLTensor tensor_on(float *data, const Layout &layout) {
  DLTensor tensor{};
  tensor.data = data;
  tensor.device = DLDevice{kDLCPU, 0};
  tensor.ndim = static_cast<int>(layout.shape.size());
  tensor.dtype = DLDataType{kDLFloat, 32, 1};
  tensor.shape = const_cast<int64_t *>(layout.shape.data());
  tensor.strides = const_cast<int64_t *>(layout.strides.data());
  return tensor;
}

Array::Array(Layout layout, int misalignment) : layout_(std::move(layout)), offsets_(layout_.offsets()) {
  const int64_t low = layout_.low(), high = layout_.high();
  memory_.resize(high - low + 1 + 2 * kMargin + 32 + misalignment);
  for (float &element : memory_) element = from_bits(kCanaryBits);
  int64_t first = kMargin;
  while (reinterpret_cast<uintptr_t>(&memory_[first]) % 64 != 0) ++first;
  origin_ = first + misalignment - low;
}

DLTensor Array::tensor() { return tensor_on(data(), layout_); }

void Array::set(const std::vector<float> &values) {
  ASSERT_EQ(values.size(), offsets_.size());
  for (size_t i = 0; i < offsets_.size(); ++i) memory_[origin_ + offsets_[i]] = values[i];
}

std::vector<float> Array::get() const {
  std::vector<float> values(offsets_.size());
  for (size_t i = 0; i < offsets_.size(); ++i) values[i] = memory_[origin_ + offsets_[i]];
  return values;
}

std::vector<uint32_t> Array::snapshot() const {
  std::vector<uint32_t> bits(memory_.size());
  std::memcpy(bits.data(), memory_.data(), bits.size() * sizeof bits[0]);
  return bits;
}

::testing::AssertionResult Array::surroundings_untouched() const {
  std::vector<bool> element(memory_.size());
  for (int64_t offset : offsets_) element[origin_ + offset] = true;
  for (size_t i = 0; i < memory_.size(); ++i)
    if (!element[i] && bits_of(memory_[i]) != kCanaryBits)
      return ::testing::AssertionFailure()
             << "memory beside the elements was written, " << static_cast<int64_t>(i) - origin_
             << " elements from index 0 (" << show(layout_) << "): " << show(memory_[i]);
  return ::testing::AssertionSuccess();
}

Parameter::Parameter(Extents shape, const std::vector<float> &values, int64_t step) {
  if (values.empty()) return;
  array_ = std::make_unique<Array>(stepped(shape, step), values);
  tensor_ = array_->tensor();
}

}  // namespace kiln::test
