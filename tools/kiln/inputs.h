// Which float32 inputs a sweep covers: all 2^32, or a range of bit patterns or of values; of these, every Nth.
#ifndef KILN_TOOLS_INPUTS_H
#define KILN_TOOLS_INPUTS_H

#include <cstdint>
#include <string>
#include <vector>

namespace kiln::tool {

class Inputs {
 public:
  // The first and the last input: both bit patterns (0x3f800000), which are counted up, or both values (-1.5), between
  // which no NaN lies; "" for no limit. Throws where they are neither, or the range is empty.
  Inputs(const std::string &from, const std::string &to, uint32_t stride);

  int64_t count() const { return count_; }
  // The pattern of number `index`, which is below count().
  uint32_t pattern(int64_t index) const;
  bool all() const;
  uint32_t stride() const { return stride_; }
  // "0x00000000 to 0xffffffff", every pattern from the first to the last of each interval.
  std::string text() const;

 private:
  // Patterns that follow each other, both ends included.
  struct Interval {
    uint32_t first, last;
    int64_t size() const { return int64_t{last} - first + 1; }
  };
  void set_patterns(const std::string &from, const std::string &to);
  void set_values(const std::string &from, const std::string &to);

  std::vector<Interval> intervals_;
  uint32_t stride_;
  int64_t count_;
};

}  // namespace kiln::tool
#endif
