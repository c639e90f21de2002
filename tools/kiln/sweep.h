// Elementwise kernels over bit patterns of float32, held to the reference.
#ifndef KILN_TOOLS_SWEEP_H
#define KILN_TOOLS_SWEEP_H

#include <descriptors.h>

#include <cstdint>
#include <string>
#include <vector>

#include "inputs.h"

namespace kiln::tool {

// One kernel under test.
struct Variant {
  std::string accuracy;  // "exact" or "fast"
  std::string isa;       // or the device's name
  bool on_device = false;
};

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

// The contract: exact within 1 ULP everywhere, fast within 4 ULP where the result is normal; a subnormal result of fast
// may be anything from zero to the smallest normal number, of the right sign.
double bound_of(const std::string &accuracy);
bool holds(const Findings &findings, const std::string &accuracy);

// The inputs in pieces of a fixed size: what one step of a sweep covers.
int64_t piece_count(const Inputs &inputs);

// Sweeps pieces [first, last) for all variants of an elementwise operator on `threads` threads, evaluating the
// reference once an input. findings has one entry a variant. A request to end (signals.h) stops it in the middle.
std::vector<Findings> sweep(const descriptor::Operator &op, const std::vector<Variant> &variants, const Inputs &inputs,
                            int64_t first, int64_t last, int threads);

}  // namespace kiln::tool
#endif
