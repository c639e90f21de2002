// The elements of a tensor that the fuzzer makes: how values become them and are read of them, by the tests' own
// definition of their type.
#pragma once

#include <kiln/kiln.h>

#include <cstring>
#include <string>
#include <vector>

#include "oracle/narrow.h"
#include "support/bits.h"

namespace kiln::fuzz {

struct Element {
  std::string name;
  DLDataType dlpack;
  int64_t bytes;
  const oracle::NarrowType *narrow;  // NULL: float32
  std::vector<float> values;         // of all words of a type of 16 bits

  double largest() const;
  // What is at a place, which need not be aligned.
  uint32_t word(const char *from) const {
    uint16_t half;
    if (narrow) return std::memcpy(&half, from, sizeof half), half;
    uint32_t whole;
    return std::memcpy(&whole, from, sizeof whole), whole;
  }
  float read(const char *from) const { return narrow ? values[word(from)] : test::from_bits(word(from)); }
  // The word of the number that is nearest to a float; of NaN, the one that Kiln stores.
  uint32_t nearest(float value) const;
  // A float32 stays what it is, whatever NaN it may be.
  void write(char *to, float value) const {
    if (!narrow) return static_cast<void>(std::memcpy(to, &value, sizeof value));
    const uint16_t half = static_cast<uint16_t>(nearest(value));
    std::memcpy(to, &half, sizeof half);
  }
};

// Those of elements.def, float32 first. A name that it does not have ends the process.
const std::vector<Element> &elements();
const Element &element_named(const std::string &name);

}  // namespace kiln::fuzz
