// Rows that are hard for a reduction, and tensors whose reductions are over given rows.
#pragma once

#include <string>
#include <vector>

#include "support/operation.h"

namespace kiln::test {

struct Rows {
  std::string name;
  std::vector<float> values;  // rows of the length that was asked for
  double tolerance;           // of the results' magnitude
};
// Random rows of means from 0 to 1e6 deviations; constant, two-valued, sorted, alternating rows, one outlier.
std::vector<Rows> hard_rows(int64_t length);

// A call on a dense tensor.
struct Sample {
  Operation operation;
  Extents shape;
  std::vector<float> inputs;
};
// Tensors on which the operator (batch_norm with the batch's statistics, group_norm, instance_norm, layer_norm) reduces
// just these rows of one length: in several ways to take a row apart into samples, channels and space.
std::vector<Sample> samples_of_rows(const std::string &op, const std::vector<float> &rows, int64_t length, double eps);

}  // namespace kiln::test
