// A float32 tensor in memory of its own that notices every write beside its elements.
#pragma once

#include <gtest/gtest.h>
#include <kiln/kiln.h>

#include <memory>
#include <vector>

#include "support/layout.h"

namespace kiln::test {

// Stands wherever no element lies: a signalling NaN, which no kernel stores and which spoils what reads it.
constexpr uint32_t kCanaryBits = 0x7fa5c3e1;

class Array {
 public:
  using Value = float;
  // The first byte of memory of the lowest element is 64-byte aligned plus `misalignment` elements. Elements hold the
  // canary until they are set.
  explicit Array(Layout layout, int misalignment = 0);
  Array(Layout layout, const std::vector<float> &values, int misalignment = 0)
      : Array(std::move(layout), misalignment) {
    set(values);
  }

  const Layout &layout() const { return layout_; }
  int64_t count() const { return layout_.count(); }

  // The element at index 0, 0, ...; where there is none, some valid address.
  float *data() { return memory_.data() + origin_; }

  // DLPack's view; it points into this object, which must not move meanwhile.
  DLTensor tensor();

  // In row-major order of the index. With strides of 0 the last value set for an element stays.
  void set(const std::vector<float> &values);
  std::vector<float> get() const;

  // All of the memory, for copies of it elsewhere, and where data() is in it.
  std::vector<float> &memory() { return memory_; }
  int64_t origin() const { return origin_; }

  // All of the memory, to see whether anything was written: compare bits, not values.
  std::vector<uint32_t> snapshot() const;
  // What lies between and around the elements is as it was.
  ::testing::AssertionResult surroundings_untouched() const;

 private:
  Layout layout_;
  std::vector<int64_t> offsets_;
  std::vector<float> memory_;
  int64_t origin_;
};

// The values of a tensor that may be absent, in memory of their own, every `step` elements; NULL for no values.
class Parameter {
 public:
  Parameter(Extents shape, const std::vector<float> &values, int64_t step = 1);
  explicit Parameter(const std::vector<float> &values) : Parameter({static_cast<int64_t>(values.size())}, values) {}
  DLTensor *get() { return array_ ? &tensor_ : nullptr; }
  std::vector<float> values() const { return array_ ? array_->get() : std::vector<float>(); }

 private:
  std::unique_ptr<Array> array_;
  DLTensor tensor_{};
};

// DLPack's view of memory that somebody else owns; `layout` must outlive it.
DLTensor tensor_on(float *data, const Layout &layout);

}  // namespace kiln::test
