#include "support/ready_call.h"

#include <algorithm>
#include <cstring>

#include "support/expectations.h"
#include "support/inputs.h"

namespace kiln::test {
namespace {

bool same_memory(const std::vector<float> &memory, const float *data) {
  return std::memcmp(memory.data(), data, memory.size() * sizeof(float)) == 0;
}

ReadyCalls in_forms(const std::vector<Operation> &operations, const Extents &shape, Turns turns) {
  ReadyCalls calls;
  for (const Operation &operation : operations) {
    const Reference reference(operation, shape);
    for (size_t i = 0; i < forms().size(); ++i)
      if (turns.has(i)) calls.push_back(std::make_unique<ReadyCall>(operation, forms()[i], shape, reference));
    turns.next_round();
  }
  return calls;
}

}  // namespace

Reference::Reference(const Operation &operation, const Extents &shape)
    : inputs(normal_values(dense(shape).count(), 901, 1, 2)), expected(reference_bits(operation, shape, inputs)) {}

ReadyCall::ReadyCall(const Operation &operation, const Form &form, const Extents &shape, const Reference &reference)
    : operation_(operation),
      input_(form.input(shape)),
      output_(form.output(shape)),
      in_place_(form.in_place),
      parameters_(operation_, shape),
      name_(show(operation) + ", " + show(shape) + ", " + form.name) {
  const Results &expected = reference.expected;
  input_.set(reference.inputs);
  Array &to = in_place_ ? input_ : output_;
  input_before_ = input_.memory();
  output_before_ = to.memory();
  to.set(expected.output);
  output_after_ = to.memory();
  to.memory() = output_before_;
  in_ = input_.tensor();
  out_ = to.tensor();
  const Tensors tensors = parameters_.with(in_, out_);
  for (const auto &[name, after] :
       {std::pair{"running_mean", expected.running_mean}, {"running_var", expected.running_var}})
    if (!after.empty())
      statistics_.push_back({static_cast<const float *>(tensors.at(name)->data), parameters_.values(name), after});
  prepared_ = std::make_unique<PreparedCall>(operation_, tensors);
}

void ReadyCall::put_back() {
  const auto copy = [](const std::vector<float> &from, const float *to) {
    std::copy(from.begin(), from.end(), const_cast<float *>(to));
  };
  copy(input_before_, input_.memory().data());
  if (!in_place_) copy(output_before_, output_.memory().data());
  for (const Statistics &s : statistics_) copy(s.before, s.data);
}

bool ReadyCall::untouched() const {
  Array &to = const_cast<Array &>(in_place_ ? input_ : output_);
  return same_memory(input_before_, const_cast<Array &>(input_).memory().data()) &&
         same_memory(output_before_, to.memory().data()) &&
         std::all_of(statistics_.begin(), statistics_.end(),
                     [](const Statistics &s) { return same_memory(s.before, s.data); });
}

bool ReadyCall::has_results() const {
  Array &to = const_cast<Array &>(in_place_ ? input_ : output_);
  return (in_place_ || same_memory(input_before_, const_cast<Array &>(input_).memory().data())) &&
         same_memory(output_after_, to.memory().data()) &&
         std::all_of(statistics_.begin(), statistics_.end(),
                     [](const Statistics &s) { return same_memory(s.after, s.data); });
}

bool ReadyCall::right(const kiln_context *context) {
  put_back();
  return call(context) == KILN_STATUS_OK && has_results();
}

ReadyCalls ready_calls(const std::string &op, const Extents &shape) {
  return thinning() > 1 ? some_ready_calls(op, shape) : in_forms(samples_of(op, shape), shape, Turns(1));
}

ReadyCalls some_ready_calls(const std::string &op, const Extents &shape) {
  const std::vector<Operation> samples = samples_of(op, shape);
  if (samples.size() < 3) return in_forms(samples, shape, Turns(3));
  return in_forms({samples.front(), samples.back()}, shape, Turns(3));
}

}  // namespace kiln::test
