// Gradients of normalizations, as the table has them: samples of their arguments, their oracle, how near to it results
// must be, and calls on tensors that lie in any way. A new one gets arguments in gradients.cpp and its oracle in
// gradient_oracles.cpp.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "oracle/gradients.h"
#include "support/operation.h"
#include "support/typed_array.h"

namespace kiln::test {

// Names of the table's, in its order: "layer_norm_backward".
const std::vector<std::string> &normalization_gradients();
// Those that have statistics.
std::vector<std::string> gradients_with_statistics();

// The gradient of an operation, with those of its arguments and parameters that it takes.
Operation gradient_of(const Operation &forward);
// With arguments of each kind for a tensor (N, C, *).
std::vector<Operation> gradient_operations(const std::string &op, const Extents &shape);
// n is made of statistics that are given, and depend on no input.
bool by_running_statistics(const Operation &operation);

// A call on dense tensors.
struct GradientSample {
  Operation operation;
  Extents shape;
  std::vector<float> grad_output, input;
};
std::string show(const GradientSample &sample);
// On normal numbers, with arguments of each kind; with four of them where the tensor is large.
std::vector<GradientSample> gradient_samples(const std::string &op, const Extents &shape, uint64_t seed);
// Shapes that reductions take apart in different ways: rows of one value to thousands, one plane to many, a few samples
// and more than 200.
std::vector<Extents> gradient_shapes(const std::string &op);

// The oracle of an operator or its gradient, whose arguments and parameters are the operation's.
oracle::Gradients gradients_of(const Operation &operation, const Extents &shape, const std::vector<float> &grad_output,
                               const std::vector<float> &input);
inline oracle::Gradients gradients_of(const GradientSample &s) {
  return gradients_of(s.operation, s.shape, s.grad_output, s.input);
}

// Results worked out by hand; the operation is the operator's, whose gradient it is.
struct GradientExample {
  Operation operation;
  Extents shape;
  std::vector<float> grad_output, input;
  std::vector<double> grad_input, grad_weight, grad_bias;
};
const std::vector<GradientExample> &gradient_examples();

// Bits of each result by its name; those that were not asked for are missing.
using GradientBits = std::map<std::string, std::vector<uint32_t>>;
::testing::AssertionResult same_bits(const GradientBits &expected, const GradientBits &actual);
// Each result to 1e-6 of its magnitude, and a rounding; NaN by its one pattern.
::testing::AssertionResult near_gradients(const oracle::Gradients &expected, const GradientBits &actual);

// How the tensors of a call lie and which there are.
struct GradientForm {
  std::string name = "dense";
  std::function<Layout(const Extents &)> grad_output = dense, input = dense, grad_input = dense;
  std::string over = {};                    // the input that grad_input is: "grad_output", "input"
  int64_t step = 1;                         // of parameters, statistics and their gradients: every step-th element
  int misalignment = 0;                     // in elements
  const ElementType *type = nullptr;        // of grad_output, input and grad_input; NULL: float32
  const ElementType *parameters = nullptr;  // of parameters and their gradients
  std::set<std::string> without = {};       // results that are not asked for
};

class GradientCall {
 public:
  explicit GradientCall(const GradientSample &sample, const GradientForm &form = {});
  GradientCall(const GradientCall &) = delete;
  GradientCall &operator=(const GradientCall &) = delete;

  // Passes statistics, too: "mean" and "rstd", of the operation's shapes.
  void give(const std::map<std::string, std::vector<float>> &statistics);
  // What kiln_<op>_with_statistics finds on the sample.
  void give_statistics(const kiln_context *context);
  // What is passed under a name, to be changed; NULL where nothing is.
  DLTensor *tensor(const std::string &name);
  void pass(const std::string &name, const DLTensor &tensor) { tensors_[name] = tensor; }
  void omit(const std::string &name) { tensors_.erase(name); }
  Operation &operation() { return operation_; }
  // Of all that it passes; grad_input has none of its own where it is an input.
  std::map<std::string, TypedArray> &arrays() { return arrays_; }

  kiln_status run(const kiln_context *context) const;
  GradientBits results() const;
  // The bits of all memory, by name.
  std::map<std::string, std::vector<uint32_t>> snapshot() const;
  // Nothing was written but results.
  ::testing::AssertionResult only_results_written() const;

 private:
  void add(const std::string &name, const ElementType *type, const Layout &layout, const std::vector<float> &values);

  Operation operation_;
  Extents shape_;
  std::vector<float> input_;
  GradientForm form_;
  std::map<std::string, TypedArray> arrays_;
  std::map<std::string, DLTensor> tensors_;
  std::map<std::string, std::vector<uint32_t>> before_;
};

// The call must succeed and write nothing else.
GradientBits run_gradient(const kiln_context *context, const GradientSample &sample, const GradientForm &form = {},
                          bool with_statistics = false);
// Dense, of float32, by the baseline kernels on one thread: the bits that every other way must give.
GradientBits reference_gradients(const GradientSample &sample);

// What kiln_<op>_with_statistics writes for a dense input: "mean", "rstd" and "output", which is alone by running
// statistics.
std::map<std::string, std::vector<float>> statistics_of(const kiln_context *context, const Operation &gradient,
                                                        const Extents &shape, const std::vector<float> &input,
                                                        const ElementType *type = nullptr,
                                                        const ElementType *parameters = nullptr);

}  // namespace kiln::test
