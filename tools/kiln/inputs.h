// Which inputs a sweep covers: all words of a type, 2^32 of float32 and 65,536 of 16 bits, or a range of bit patterns
// or of values; of these, every Nth.
#ifndef KILN_TOOLS_INPUTS_H
#define KILN_TOOLS_INPUTS_H

#include <oracle/narrow.h>

#include <cstdint>
#include <string>
#include <vector>

namespace kiln::tool {

class Inputs {
 public:
  // The first and the last input: both bit patterns (0x3f800000), which are counted up, or both values (-1.5), between
  // which no NaN lies; "" for no limit. Throws where they are neither, or the range is empty.
  Inputs(const std::string &dtype, const std::string &from, const std::string &to, uint32_t stride);

  const std::string &dtype() const { return dtype_; }
  // NULL for float32.
  const oracle::NarrowType *narrow() const { return narrow_; }

  int64_t count() const { return count_; }
  // The pattern of number `index`, which is below count().
  uint32_t pattern(int64_t index) const;
  bool all() const;
  uint32_t stride() const { return stride_; }
  // "0x00000000 to 0xffffffff", every pattern from the first to the last of each interval; "0x0000 to 0xffff of
  // float16".
  std::string text() const;
  // "0x3f800000", with as many digits as a word has.
  std::string hex(int64_t pattern) const;

 private:
  // Patterns that follow each other, both ends included.
  struct Interval {
    uint32_t first, last;
    int64_t size() const { return int64_t{last} - first + 1; }
  };
  void set_patterns(const std::string &from, const std::string &to);
  void set_values(const std::string &from, const std::string &to);
  // The greatest word of a value that is not negative and not beyond `value`, and the least one that is not below it.
  uint32_t magnitude_within(double value) const;
  uint32_t magnitude_from(double value) const;
  double value_of(uint32_t magnitude) const;
  uint32_t parse_pattern(const std::string &text, const std::string &option) const;
  int bits() const { return narrow_ ? 16 : 32; }

  std::string dtype_;
  const oracle::NarrowType *narrow_;
  std::vector<Interval> intervals_;
  uint32_t stride_;
  int64_t count_;
};

}  // namespace kiln::tool
#endif
