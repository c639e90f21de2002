#include "support/operation.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "support/operators.h"

namespace kiln::test {
namespace {

using descriptor::Role;
using descriptor::Type;

[[noreturn]] void no_such(const descriptor::Operator &row, const std::string &name) {
  std::fprintf(stderr, "operators.toml: %s has no argument or tensor %s\n", row.name.c_str(), name.c_str());
  std::abort();
}

}  // namespace

Operation::Operation(const std::string &op) : row_(&descriptor::operator_named(op)) {
  for (const descriptor::Argument &argument : row_->arguments) {
    ArgumentValue &value = arguments_[argument.name];
    value.real = argument.real, value.integer = argument.integer, value.integers = argument.integers;
  }
  for (const std::string &name : parameters()) values_[name];
}

Operation::Operation(const std::string &op, const std::vector<float> &weight, const std::vector<float> &bias)
    : Operation(op) {
  values("weight") = weight;
  values("bias") = bias;
}

Operation::Operation(const std::string &op, const std::vector<float> &weight, const std::vector<float> &bias,
                     const std::vector<float> &running_mean, const std::vector<float> &running_var)
    : Operation(op, weight, bias) {
  values("running_mean") = running_mean;
  values("running_var") = running_var;
}

bool Operation::has(const std::string &name) const {
  const auto named = [&](const auto &entry) { return name == entry.name; };
  return arguments_.count(name) || std::any_of(row_->tensors.begin(), row_->tensors.end(), named);
}

ArgumentValue &Operation::operator[](const std::string &argument) {
  const auto found = arguments_.find(argument);
  if (found == arguments_.end()) no_such(*row_, argument);
  return found->second;
}

const ArgumentValue &Operation::operator[](const std::string &argument) const {
  return const_cast<Operation &>(*this)[argument];
}

std::vector<float> &Operation::values(const std::string &tensor) {
  const auto found = values_.find(tensor);
  if (found == values_.end()) no_such(*row_, tensor);
  return found->second;
}

const std::vector<float> &Operation::values(const std::string &tensor) const {
  return const_cast<Operation &>(*this).values(tensor);
}

std::vector<std::string> Operation::tensors(Role role) const {
  std::vector<std::string> names;
  for (const descriptor::Tensor &tensor : row_->tensors)
    if (tensor.role == role) names.push_back(tensor.name);
  return names;
}

std::vector<std::string> Operation::parameters() const {
  std::vector<std::string> names = tensors(Role::statistics);
  for (Role role : {Role::parameter, Role::operand})
    for (const std::string &name : tensors(role)) names.push_back(name);
  return names;
}

std::string Operation::which_statistics() const {
  for (const descriptor::Tensor &tensor : row_->tensors)
    if (tensor.role == Role::statistics) return tensor.written_when;
  no_such(*row_, "that chooses the statistics");
}

bool Operation::updates() const {
  if (!of_batch()) return false;
  const std::vector<std::string> names = tensors(Role::statistics);
  return std::all_of(names.begin(), names.end(), [&](const std::string &name) { return !values(name).empty(); });
}

Extents Operation::extents() const {
  for (const descriptor::Argument &argument : row_->arguments)
    if (argument.type == Type::extents) return (*this)[argument.name].integers;
  no_such(*row_, "of type extents");
}

Extents Operation::shape_of(const std::string &tensor, const Extents &input) const {
  for (const descriptor::Tensor &row : row_->tensors)
    if (tensor == row.name) return descriptor::shape_of(*row_, row, input, values_of(*this));
  no_such(*row_, tensor);
}

std::string show(const Operation &operation) {
  std::ostringstream text;
  text << operation.name();
  for (const descriptor::Argument &argument : operation.row().arguments) {
    const ArgumentValue &value = operation[argument.name];
    text << ", " << argument.name << ' ';
    if (argument.type == Type::real)
      text << value.real;
    else if (argument.type == Type::integer || argument.type == Type::boolean)
      text << value.integer;
    else
      text << show(value.integers);
  }
  for (const std::string &name : operation.parameters())
    if (!operation.values(name).empty()) text << ", with " << name;
  return text.str();
}

Operation layer_norm(const Extents &normalized_shape, const std::vector<float> &weight, const std::vector<float> &bias,
                     double eps) {
  Operation operation("layer_norm", weight, bias);
  operation["normalized_shape"] = normalized_shape;
  operation["eps"] = eps;
  return operation;
}

PreparedCall::PreparedCall(const Operation &operation, const Tensors &given)
    : function_(operation.row().call), values_(values_of(operation)) {
  const descriptor::Operator &row = operation.row();
  for (const auto &[name, tensor] : given)
    if (tensor && !operation.has(name)) no_such(row, name);
  for (const descriptor::Tensor &tensor : row.tensors) {
    const auto found = given.find(tensor.name);
    tensors_.push_back(found == given.end() ? nullptr : const_cast<DLTensor *>(found->second));
  }
}

std::vector<descriptor::Value> values_of(const Operation &operation) {
  std::vector<descriptor::Value> values;
  for (const descriptor::Argument &argument : operation.row().arguments) {
    const ArgumentValue &from = operation[argument.name];
    descriptor::Value value{};
    if (argument.type == Type::real)
      value.real = from.real;
    else if (argument.type == Type::integer || argument.type == Type::boolean)
      value.integer = from.integer;
    else
      value.integers = {from.integers.data(), static_cast<int>(from.integers.size())};
    values.push_back(value);
  }
  return values;
}

kiln_status call(const kiln_context *context, const Operation &operation, const Tensors &tensors) {
  return PreparedCall(operation, tensors).run(context);
}

Parameters::Parameters(const Operation &operation, const Extents &input, int64_t step)
    : input_(operation.row().tensors.front().name), output_(operation.row().tensors.back().name) {
  for (const std::string &name : operation.parameters())
    if (!operation.values(name).empty())
      all_.emplace(name, Parameter(operation.shape_of(name, input), operation.values(name), step));
}

Tensors Parameters::with(const DLTensor &input, const DLTensor &output) {
  Tensors tensors{{input_, &input}, {output_, &output}};
  for (auto &[name, parameter] : all_) tensors[name] = parameter.get();
  return tensors;
}

std::vector<float> Parameters::values(const std::string &name) const {
  const auto found = all_.find(name);
  return found == all_.end() ? std::vector<float>() : found->second.values();
}

::testing::AssertionResult same_bits(const Results &expected, const Results &actual, const std::vector<float> &inputs) {
  if (auto same = same_bits(expected.output, actual.output, inputs); !same) return same;
  if (auto same = same_bits(expected.running_mean, actual.running_mean); !same) return same << " (running_mean)";
  if (auto same = same_bits(expected.running_var, actual.running_var); !same) return same << " (running_var)";
  return ::testing::AssertionSuccess();
}

kiln_status run(const kiln_context *context, const Operation &operation, Array &input, Array &output,
                Results *results) {
  Parameters parameters(operation, input.layout().shape);
  const DLTensor in = input.tensor(), out = output.tensor();
  const kiln_status status = call(context, operation, parameters.with(in, out));
  if (results) *results = {output.get(), parameters.values("running_mean"), parameters.values("running_var")};
  return status;
}

Results run_dense(const kiln_context *context, const Operation &operation, const Extents &shape,
                  const std::vector<float> &inputs) {
  Array input(dense(shape), inputs), output(dense(shape));
  Results results;
  EXPECT_TRUE(succeeded(run(context, operation, input, output, &results)))
      << show(operation) << ", shape " << show(shape);
  EXPECT_TRUE(output.surroundings_untouched());
  EXPECT_TRUE(same_bits(inputs, input.get())) << "the input was written";
  return results;
}

Results reference_bits(const Operation &operation, const Extents &shape, const std::vector<float> &inputs) {
  Context context;
  context.isa(baseline().name).threads(1);
  return run_dense(context, operation, shape, inputs);
}

}  // namespace kiln::test
