// The normalizations as one: what each is given besides its input and output, the call, the oracle, and how near a
// result must be.
#pragma once

#include <kiln/kiln.h>

#include <string>
#include <vector>

#include "oracle/oracle.h"
#include "support/array.h"

namespace kiln::test {

// An operator with its arguments, at PyTorch's defaults; each operator looks at its own.
struct Normalization {
  std::string op;  // "batch_norm"
  // Empty: NULL. One value per channel; layer_norm: per position.
  std::vector<float> weight = {}, bias = {}, running_mean = {}, running_var = {};
  bool batch_statistics = false;  // training, use_input_stats
  double momentum = 0.1, eps = 1e-5;
  int64_t num_groups = 1;
  Extents normalized_shape = {};
  int64_t size = 5;
  double alpha = 1e-4, beta = 0.75, k = 1;
  double p = 2;
  Extents dim = {1};

  bool is(const char *name) const { return op == name; }
  bool has_affine() const { return is("batch_norm") || is("group_norm") || is("instance_norm") || is("layer_norm"); }
  bool has_statistics() const { return is("batch_norm") || is("instance_norm"); }
  // The running statistics are written.
  bool updates() const { return has_statistics() && batch_statistics && !running_mean.empty(); }
};
// "batch_norm, batch's statistics, eps 1e-05, with weight"
std::string show(const Normalization &normalization);

struct Tensors {
  const DLTensor *input;
  DLTensor *running_mean, *running_var;
  const DLTensor *weight, *bias;
  DLTensor *output;
};
kiln_status call(const kiln_context *context, const Normalization &normalization, const Tensors &tensors);

struct Results {
  std::vector<float> output, running_mean, running_var;  // empty where there are none
};
::testing::AssertionResult same_bits(const Results &expected, const Results &actual,
                                     const std::vector<float> &inputs = {});

// From array to array, which may be one, with dense parameters. Gives the status; `results` may be NULL.
kiln_status run(const kiln_context *context, const Normalization &normalization, Array &input, Array &output,
                Results *results);
// On dense tensors, not in place; the call must succeed.
Results run_dense(const kiln_context *context, const Normalization &normalization, const Extents &shape,
                  const std::vector<float> &inputs);
// The same by the baseline kernel on one thread: the bits that every other way must give.
Results reference_bits(const Normalization &normalization, const Extents &shape, const std::vector<float> &inputs);

// The oracle's result for dense inputs. Of local_response_norm and normalize it has no magnitudes.
oracle::WithStatistics oracle_of(const Normalization &normalization, const Extents &shape,
                                 const std::vector<float> &inputs);

// Issue 5's bounds for local_response_norm and normalize, in ULP.
double allowed_ulps(const Normalization &normalization);

// Output and running statistics are what the oracle has, but for the tolerance (of the magnitude; 1e-6 for the
// statistics) or the ULPs that the operator is allowed; and but for `rounded` of themselves, what the expected values
// are off. NaN has its one pattern; statistics that are only read have the bits that were given.
::testing::AssertionResult near_oracle(const Normalization &normalization, const oracle::WithStatistics &expected,
                                       const Results &actual, double tolerance, double rounded = 0);

// Takes NaN for right too where the definition gives an infinity because a weight or 1 / deviation is one: x * scale +
// shift then meets infinities of both signs.
void accept_nan_for_infinity(oracle::WithStatistics &expected, const Results &actual);

// Every operator with arguments of each kind, for a tensor (N, C, *); an operator that is an error there is left out.
std::vector<Normalization> normalizations_of(const Extents &shape);
// Each sample's result is independent of the others.
bool by_sample(const Normalization &normalization);

// A call on a dense tensor.
struct Sample {
  Normalization normalization;
  Extents shape;
  std::vector<float> inputs;
};
// Tensors on which the operator (batch_norm with the batch's statistics, group_norm, instance_norm) reduces just these
// rows of one length: in several ways to take a row apart into samples, channels and space.
std::vector<Sample> samples_of_rows(const std::string &op, const std::vector<float> &rows, int64_t length, double eps);

}  // namespace kiln::test
