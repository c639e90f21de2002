// layer_norm on arrays, and rows that are hard for it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "oracle/oracle.h"
#include "support/array.h"

namespace kiln::test {

// What layer_norm is given besides its input and output.
struct LayerNormArguments {
  Extents normalized_shape;
  std::vector<float> weight, bias;  // empty: NULL
  double eps = 1e-5;
};

kiln_status layer_norm(const kiln_context *context, const DLTensor *input, const LayerNormArguments &arguments,
                       const DLTensor *weight, const DLTensor *bias, DLTensor *output);
// With weight and bias dense.
kiln_status layer_norm(const kiln_context *context, Array &input, const LayerNormArguments &arguments, Array &output);

// On dense tensors, not in place; the call must succeed.
std::vector<float> run_layer_norm(const kiln_context *context, const Extents &shape, const std::vector<float> &inputs,
                                  const LayerNormArguments &arguments);
// The same by the baseline kernel on one thread: the bits that every other way must give.
std::vector<float> layer_norm_reference_bits(const Extents &shape, const std::vector<float> &inputs,
                                             const LayerNormArguments &arguments);

// The oracle's result for dense inputs.
std::vector<oracle::Normalized> layer_norm_oracle(const std::vector<float> &inputs,
                                                  const LayerNormArguments &arguments);

// Each |result - value| <= tolerance * magnitude, and NaN and infinities where the oracle has them, NaN by its one
// pattern. A result of at most half a unit in the last place from the truth always passes.
::testing::AssertionResult near_oracle(const std::vector<oracle::Normalized> &expected,
                                       const std::vector<float> &actual, double tolerance);

// Each result to 8 ULP of itself, and where it cancelled against a mean, to 5e-7 of the results' root mean square: how
// near results without a weight must be whose size has nothing to do with 1.
::testing::AssertionResult near_relatively(const std::vector<oracle::Normalized> &expected,
                                           const std::vector<float> &actual);

struct Rows {
  std::string name;
  std::vector<float> values;  // rows of the length that was asked for
  double tolerance;           // issue 5's bound
};
// Random rows of means from 0 to 1e6 deviations; constant, two-valued, sorted, alternating rows, one outlier.
std::vector<Rows> hard_rows(int64_t length);

}  // namespace kiln::test
