// A tensor of float32 or of a type of 16 bits, in memory of its own that notices every write beside its elements.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "support/array.h"
#include "support/element_type.h"

namespace kiln::test {

class TypedArray {
 public:
  // type: NULL for float32. Elements that are not set hold a canary.
  TypedArray(const ElementType *type, const Layout &layout, int misalignment = 0);
  // The values, rounded to the type.
  TypedArray(const ElementType *type, const Layout &layout, const std::vector<float> &values, int misalignment = 0);

  // It points into this object, which must not move meanwhile.
  DLTensor tensor() { return floats_ ? floats_->tensor() : words_->tensor(); }
  // In row-major order of the index: the elements' bits.
  std::vector<uint32_t> bits() const;
  // All of the memory, to see whether anything was written.
  std::vector<uint32_t> snapshot() const;
  ::testing::AssertionResult surroundings_untouched() const;
  // Where that memory lies, and how many bytes it has.
  std::pair<char *, size_t> memory() const;

 private:
  std::unique_ptr<Array> floats_;
  std::unique_ptr<Words> words_;
};

}  // namespace kiln::test
