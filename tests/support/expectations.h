// What tests know of each operator beyond the table: samples of its arguments, its oracle, and how near to it a result
// must be. A new operator gets an entry in expectations.cpp.
#pragma once

#include <string>
#include <vector>

#include "oracle/oracle.h"
#include "support/operation.h"

namespace kiln::test {

// A call on a dense tensor, and its result worked out by hand.
struct WorkedExample {
  Operation operation;
  Extents shape;
  std::vector<float> inputs;
  std::vector<double> outputs;
};

struct Expectation {
  const char *op;
  // With arguments of each kind for a tensor (N, C, *); none where that is an error.
  std::vector<Operation> (*samples)(const Extents &shape);
  // Of dense inputs.
  oracle::WithStatistics (*oracle)(const Operation &operation, const Extents &shape, const float *inputs);
  // The error that is allowed, in ULP; NULL where the bound is relative to the oracle's magnitudes.
  double (*allowed_ulps)(const Operation &operation);
  // Each sample's result is independent of the others.
  bool (*by_sample)(const Operation &operation);
  // Of a normalization; elementwise operators have values_by_hand.h.
  WorkedExample (*example)() = nullptr;
};
// NULL where there is none: for the test that says so. All others use the second, which prints the name and ends the
// process.
const Expectation *find_expectation(const std::string &op);
const Expectation &expectation_of(const std::string &op);

// Names of the table's operators, in its order.
const std::vector<std::string> &all_operators();
// The gradients of elementwise operators, too; one of them, for what is the plan's and not the kernel's. Those of
// normalizations have support/gradients.h.
std::vector<std::string> operators_and_gradients();
std::vector<std::string> operators_and_one_gradient();
const std::vector<std::string> &normalizations();  // all of them that are not elementwise
std::vector<std::string> operators_of_family(const std::string &family);
std::vector<std::string> operators_with_statistics();

// Of one operator, of every one, of every normalization.
std::vector<Operation> samples_of(const std::string &op, const Extents &shape);
std::vector<Operation> all_samples(const Extents &shape);
std::vector<Operation> normalization_samples(const Extents &shape);

// What makes the digests and references of an operator, for messages.
std::string update_command(const std::string &op);

oracle::WithStatistics oracle_of(const Operation &operation, const Extents &shape, const std::vector<float> &inputs);

}  // namespace kiln::test
