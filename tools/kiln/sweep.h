// Elementwise kernels over bit patterns of an element type, held to the reference.
#ifndef KILN_TOOLS_SWEEP_H
#define KILN_TOOLS_SWEEP_H

#include <descriptors.h>

#include <cstdint>
#include <string>
#include <vector>

#include "inputs.h"
#include "judge.h"

namespace kiln::tool {

// One kernel under test.
struct Variant {
  std::string accuracy;  // "exact" or "fast"
  std::string isa;       // or the device's name
  bool on_device = false;
};

// The inputs in pieces of a fixed size: what one step of a sweep covers.
int64_t piece_count(const Inputs &inputs);

// Sweeps pieces [first, last) for all variants of an elementwise operator on `threads` threads, evaluating the
// reference once an input. findings has one entry a variant. A request to end (signals.h) stops it in the middle.
std::vector<Findings> sweep(const descriptor::Operator &op, const std::vector<Variant> &variants, const Inputs &inputs,
                            int64_t first, int64_t last, int threads);

}  // namespace kiln::tool
#endif
