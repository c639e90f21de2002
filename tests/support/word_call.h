// Calls of normalizations on tensors of 16 bits, whose parameters and statistics are of the same type or float32.
#pragma once

#include <cstdint>
#include <vector>

#include "support/element_type.h"
#include "support/operation.h"

namespace kiln::test {

std::vector<uint16_t> nearest_words(const ElementType &type, const std::vector<float> &values);
// Ordinary numbers; of every fifth seed, words of all kinds.
std::vector<uint16_t> some_words(const ElementType &type, int64_t count, uint64_t seed);

// What a call gives: words of its type; those of float32 where statistics are.
struct WordResults {
  std::vector<uint16_t> output;
  std::vector<uint32_t> statistics;
};

class WordCall {
 public:
  // narrow: parameters and statistics are of the type, their values rounded to it.
  WordCall(const Operation &operation, const ElementType &type, bool narrow);

  const ElementType &type() const { return type_; }
  const Operation &operation() const { return operation_; }
  bool narrow() const { return narrow_; }
  // A parameter of the type for an input of a shape, its values `step` elements apart.
  Words parameter(const std::string &name, const Extents &shape, int64_t step) const;
  std::string text() const;
  // From tensor to tensor, which may be one, with parameters that lie `step` elements apart.
  kiln_status run(const kiln_context *context, Words &input, Words &output, int64_t step, WordResults *results) const;
  // By float32 on what the words stand for, on the baseline kernels and one thread, each result rounded once.
  WordResults expected(const Extents &shape, const std::vector<uint16_t> &inputs) const;

 private:
  uint32_t word_of_statistic(float value) const;

  ElementType type_;
  bool narrow_;
  Operation operation_;
};

::testing::AssertionResult same_words(const WordResults &expected, const WordResults &actual);

}  // namespace kiln::test
