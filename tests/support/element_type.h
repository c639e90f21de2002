// Element types of 16 bits, by their definition: what a word stands for, and the word nearest to a real number.
#pragma once

#include <kiln/kiln.h>
#include <mpfr.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/layout.h"
#include "support/operators.h"

namespace kiln::test {

struct ElementType {
  const char *name;
  DLDataType dlpack;
  int digits;          // of a normal number, in bits
  int least_exponent;  // of a normal number: the least is 2^least_exponent
  uint16_t nan;        // the one that Kiln stores

  // NaN and infinities too.
  double value_of(uint16_t word) const;
  // To nearest, to even where two are as near; beyond the largest number by half of its last place, infinity.
  uint16_t nearest(const mpfr_t real) const;
  uint16_t nearest(double real) const;
  // The distance of numbers around a real number.
  double last_place(double real) const;
};
// Those of elements.def with 16 bits.
const std::vector<ElementType> &element_types_of_16_bits();

// A tensor of 16-bit words, which notices every write beside its elements.
class Words {
 public:
  // The first byte of the lowest element is 64-byte aligned plus `misalignment` elements.
  Words(const ElementType &type, Layout layout, int misalignment = 0);
  Words(const ElementType &type, Layout layout, const std::vector<uint16_t> &words, int misalignment = 0);
  DLTensor tensor();
  // In row-major order of the index.
  std::vector<uint16_t> get() const;
  bool surroundings_untouched() const;

 private:
  ElementType type_;
  Layout layout_;
  std::vector<int64_t> offsets_;
  std::vector<uint16_t> memory_;
  int64_t origin_;
};

std::vector<uint16_t> run_dense(const ElementwiseOperator &op, const kiln_context *context, const ElementType &type,
                                const std::vector<uint16_t> &words);

}  // namespace kiln::test
