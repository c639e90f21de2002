// A kernel's results held to the reference.
#ifndef KILN_TOOLS_JUDGE_H
#define KILN_TOOLS_JUDGE_H

#include <oracle/narrow.h>
#include <oracle/oracle.h>

#include <cstdint>
#include <string>

namespace kiln::tool {

// What was found over the patterns so far. Merging is associative and commutative, so that any split over threads and
// runs ends in the same.
struct Findings {
  uint64_t inputs = 0;
  double largest_error = 0;  // in ULP, over the results that the bound is about
  uint32_t largest_at = 0;   // the pattern of that input; of equals, the smallest
  uint64_t correctly_rounded = 0;
  uint64_t wrong_specials = 0;  // NaN, infinity or zero (its sign too) missed or made up
  uint32_t special_at = UINT32_MAX;
  uint64_t digest = 0;  // sum over inputs of mix(pattern, result), mod 2^64

  void merge(const Findings &other);
};

// The contract of an elementwise operator. float32: exact within 1 ULP everywhere, fast within 4 ULP where the result
// is normal, a gradient within 5 (near a root of a larger number's ULP: oracle::fast_magnitude); a subnormal
// result of fast may be anything from zero to the smallest normal number, of the right sign. Of 16 bits: exact is the
// real result rounded once, fast within 1 ULP.
class Judge {
 public:
  // narrow: NULL for float32.
  Judge(const oracle::ElementwiseOracle &oracle, const oracle::NarrowType *narrow, const std::string &accuracy);

  // One block of inputs and results, as words of the type, and the oracle's values in float64.
  void judge(const uint32_t *patterns, const char *results, const double *references, int64_t count,
             Findings *findings) const;
  // No bound is broken.
  bool holds(const Findings &findings) const;

 private:
  void judge_float32(uint32_t pattern, uint32_t result, double reference, Findings *findings) const;
  void judge_narrow(uint32_t pattern, uint16_t result, double reference, Findings *findings) const;
  double exact_error(uint32_t pattern, float y) const;

  const oracle::ElementwiseOracle &oracle_;
  const oracle::NarrowType *narrow_;
  bool fast_;
  double bound_;
};

}  // namespace kiln::tool
#endif
