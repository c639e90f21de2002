// Element types of 16 bits (oracle/narrow.h) as DLPack has them, and tensors of such words.
#pragma once

#include <kiln/kiln.h>

#include <cstdint>
#include <string>
#include <vector>

#include "oracle/narrow.h"
#include "support/layout.h"
#include "support/operators.h"

namespace kiln::test {

struct ElementType : oracle::NarrowType {
  DLDataType dlpack;
};
// Those of elements.def with 16 bits.
const std::vector<ElementType> &element_types_of_16_bits();

// A tensor of 16-bit words, which notices every write beside its elements.
class Words {
 public:
  using Value = uint16_t;
  // The first byte of the lowest element is 64-byte aligned plus `misalignment` elements.
  Words(const ElementType &type, Layout layout, int misalignment = 0);
  Words(const ElementType &type, Layout layout, const std::vector<uint16_t> &words, int misalignment = 0);
  DLTensor tensor();
  // In row-major order of the index.
  std::vector<uint16_t> get() const;
  bool surroundings_untouched() const;
  const Layout &layout() const { return layout_; }
  // All of the memory, for copies of it elsewhere, and where the element at index 0, 0, ... is in it.
  std::vector<uint16_t> &memory() { return memory_; }
  int64_t origin() const { return origin_; }

 private:
  ElementType type_;
  Layout layout_;
  std::vector<int64_t> offsets_;
  std::vector<uint16_t> memory_;
  int64_t origin_;
};

// "0x3c00".
std::string text_of(uint16_t word);

// The first word that is another one, and the input there.
::testing::AssertionResult same_words(const std::vector<uint16_t> &expected, const std::vector<uint16_t> &actual,
                                      const std::vector<uint16_t> &inputs);

// Every `step`-th word.
std::vector<uint16_t> every_word(uint64_t step = 1);

// `count` words, each as likely as any other: NaN, infinities and subnormals among them.
std::vector<uint16_t> words_of_all_kinds(int64_t count, uint64_t seed);

std::vector<uint16_t> run_dense(const ElementwiseOperator &op, const kiln_context *context, const ElementType &type,
                                const std::vector<uint16_t> &words);

}  // namespace kiln::test
