// Elementwise kernels over bit patterns of float32, held to the reference.
#ifndef KILN_TOOLS_SWEEP_H
#define KILN_TOOLS_SWEEP_H

#include <cstdint>
#include <functional>
#include <kiln/kiln.hpp>
#include <string>
#include <vector>

namespace kiln::tool {

// One row a elementwise operator, in the order of operators.def.
struct PointwiseOperator {
  std::string name;
  bool has_fast;
  kiln_status (*call)(const kiln_context *, const DLTensor *, DLTensor *);
};
const std::vector<PointwiseOperator> &pointwise_operators();

// One kernel under test.
struct Variant {
  std::string accuracy;  // "exact" or "fast"
  std::string isa;       // or the device's name
  bool on_device = false;
};

// What was found over the patterns so far. Merging is associative and commutative, so that any split over threads and
// sittings ends in the same.
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

// Patterns 0, stride, 2 stride, ... below 2^32 in pieces of a fixed size: what one step of a sweep covers.
int64_t piece_count(uint32_t stride);

// Sweeps pieces [first, last) for all variants on `threads` threads, evaluating the reference once an input. findings
// has one entry a variant.
std::vector<Findings> sweep(const PointwiseOperator &op, const std::vector<Variant> &variants, uint32_t stride,
                            int64_t first, int64_t last, int threads);

}  // namespace kiln::tool
#endif
