// Any operator as one: an operation is an operator of the table with its arguments and the values of its parameters,
// all by name. It is called through the table's descriptor.
#pragma once

#include <descriptors.h>
#include <kiln/kiln.h>

#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include "support/array.h"

namespace kiln::test {

// The value of an argument, whatever its type.
struct ArgumentValue {
  double real = 0;
  int64_t integer = 0;
  Extents integers = {};

  template <class T, class = std::enable_if_t<std::is_arithmetic_v<T>>>
  ArgumentValue &operator=(T value) {
    real = static_cast<double>(value);
    if constexpr (std::is_integral_v<T>) integer = static_cast<int64_t>(value);
    return *this;
  }
  ArgumentValue &operator=(const Extents &value) {
    integers = value;
    return *this;
  }
};

class Operation {
 public:
  // Arguments are at the table's defaults; parameters are absent. A name that the table does not have ends the process
  // and is printed, here and below.
  explicit Operation(const std::string &op);
  Operation(const std::string &op, const std::vector<float> &weight, const std::vector<float> &bias);
  Operation(const std::string &op, const std::vector<float> &weight, const std::vector<float> &bias,
            const std::vector<float> &running_mean, const std::vector<float> &running_var);

  const descriptor::Operator &row() const { return *row_; }
  std::string name() const { return row_->name; }
  bool is(const std::string &op) const { return op == row_->name; }

  // Whether the operator has such an argument or tensor.
  bool has(const std::string &name) const;
  ArgumentValue &operator[](const std::string &argument);
  const ArgumentValue &operator[](const std::string &argument) const;
  // Sets an argument where the operator has it: for what is done to several operators at once.
  template <class T>
  Operation &with(const std::string &argument, const T &value) {
    if (arguments_.count(argument)) arguments_[argument] = value;
    return *this;
  }
  // Of a parameter or of statistics; none: NULL is passed.
  std::vector<float> &values(const std::string &tensor);
  const std::vector<float> &values(const std::string &tensor) const;

  // Tensors of that role, in the table's order.
  std::vector<std::string> tensors(descriptor::Role role) const;
  // All that are neither input nor output.
  std::vector<std::string> parameters() const;
  bool has_statistics() const { return !tensors(descriptor::Role::statistics).empty(); }
  // Of batch_norm's and instance_norm's kind: whether the batch's own statistics are used.
  bool of_batch() const { return has_statistics() && (*this)[which_statistics()].integer != 0; }
  // Nothing, where the operator has no statistics.
  void of_batch(bool value) {
    if (has_statistics()) (*this)[which_statistics()] = value;
  }
  // The statistics are written.
  bool updates() const;
  // The argument of that type.
  Extents extents() const;
  // The shape of a parameter, a statistic or a result for an input of a shape.
  Extents shape_of(const std::string &tensor, const Extents &input) const;

 private:
  std::string which_statistics() const;

  const descriptor::Operator *row_;
  std::map<std::string, ArgumentValue> arguments_;
  std::map<std::string, std::vector<float>> values_;
};
// "batch_norm, training 1, momentum 0.1, eps 1e-05, with weight"
std::string show(const Operation &operation);

Operation layer_norm(const Extents &normalized_shape, const std::vector<float> &weight = {},
                     const std::vector<float> &bias = {}, double eps = 1e-5);

// The arguments in the row's order. They point into the operation.
std::vector<descriptor::Value> values_of(const Operation &operation);

// Tensors by name; NULL and what is missing are absent.
using Tensors = std::map<std::string, const DLTensor *>;
// A call with all that it needs beside it: run() computes nothing itself and allocates nothing.
class PreparedCall {
 public:
  // Both must outlive it.
  PreparedCall(const Operation &operation, const Tensors &tensors);
  kiln_status run(const kiln_context *context) const { return function_(context, tensors_.data(), values_.data()); }

 private:
  decltype(descriptor::Operator::call) function_;
  std::vector<DLTensor *> tensors_;
  std::vector<descriptor::Value> values_;
};
kiln_status call(const kiln_context *context, const Operation &operation, const Tensors &tensors);

// An operation's parameters and statistics, each in memory of its own, its values every `step` elements.
class Parameters {
 public:
  Parameters(const Operation &operation, const Extents &input, int64_t step = 1);
  // With them.
  Tensors with(const DLTensor &input, const DLTensor &output);
  std::vector<float> values(const std::string &name) const;

 private:
  std::string input_, output_;  // what the operator calls them
  std::map<std::string, Parameter> all_;
};

struct Results {
  std::vector<float> output, running_mean, running_var;  // empty where there are none
};
::testing::AssertionResult same_bits(const Results &expected, const Results &actual,
                                     const std::vector<float> &inputs = {});

// From array to array, which may be one, with dense parameters. Gives the status; `results` may be NULL.
kiln_status run(const kiln_context *context, const Operation &operation, Array &input, Array &output, Results *results);
// On dense tensors, not in place; the call must succeed.
Results run_dense(const kiln_context *context, const Operation &operation, const Extents &shape,
                  const std::vector<float> &inputs);
// The same by the baseline kernel on one thread: the bits that every other way must give.
Results reference_bits(const Operation &operation, const Extents &shape, const std::vector<float> &inputs);

}  // namespace kiln::test
