// Carries the call out, and holds it to what every call promises.
#include "fuzz/call_case.h"
#include "fuzz/contexts.h"
#include "fuzz/targets.h"
#include "support/expectations.h"
#include "support/failing_memory.h"
#include "support/near.h"
#include "support/operators.h"
#include "support/small_stack.h"

namespace kiln::fuzz {
namespace {

using test::Results;

// By the baseline kernel of float32 on one thread, dense: the results that every other way must give, rounded once
// where it is of another type.
std::string reference(const test::Operation &operation, const test::Extents &shape, const std::vector<float> &inputs,
                      Results *results) {
  static const test::Context *const context = [] {
    auto *made = new test::Context;
    made->isa(test::baseline().name).threads(1);
    return made;
  }();
  test::Array input(test::dense(shape), inputs), output(test::dense(shape));
  if (test::run(*context, operation, input, output, results) == KILN_STATUS_OK) return "";
  return std::string("the reference call failed: ") + kiln_last_error();
}

}  // namespace

kiln_status CallCase::call(const kiln_context *context) {
  const descriptor::Operator &row = operation_.row();
  std::vector<DLTensor *> tensors;
  for (const descriptor::Tensor &tensor : row.tensors) {
    const auto found = tensors_.find(tensor.name);
    tensors.push_back(found == tensors_.end() || found->second.null ? nullptr : &found->second.told);
  }
  kiln_status status = KILN_STATUS_OK;
  const auto body = [&] {
    if (failing_) test::start_failing_memory(failing_);
    status = row.call(context, tensors.data(), values_.data());
    if (failing_) test::stop_failing_memory();
  };
  static test::SmallStack small_stack;
  on_small_stack_ ? small_stack.run(body) : body();
  return status;
}

std::string CallCase::check(const kiln_context *context) {
  if (values_.empty()) values_ = test::values_of(operation_);
  for (auto &[name, t] : tensors_)
    if (t.memory) t.memory->remember();
  const kiln_status status = call(context);
  if (status != KILN_STATUS_OK) return check_refusal(status);
  if (!spoiled_.empty()) return "was accepted";
  if (!unchanged_but_for_results()) return "memory beside the results was written";
  return check_results();
}

std::string CallCase::check_refusal(kiln_status status) const {
  const std::string error = kiln_last_error(), begin = "kiln_" + operation_.name() + ": ";
  if (error.compare(0, begin.size(), begin) != 0) return "an error that does not name the operator: " + error;
  if (error.size() > 1000) return "an error of " + std::to_string(error.size()) + " characters";
  for (const auto &[name, t] : tensors_)
    if (t.memory && !t.memory->unchanged_but_for({}, 0)) return name + " was written, though the call failed: " + error;
  const bool empty = test::dense(shape_).count() == 0, no_memory = failing_ && status == KILN_STATUS_OUT_OF_MEMORY;
  if (spoiled_.empty() && !empty && !no_memory)
    return "a right call was refused (" + std::to_string(status) + "): " + error;
  return "";
}

bool CallCase::unchanged_but_for_results() const {
  for (const auto &[name, t] : tensors_) {
    if (!t.memory) continue;
    const bool written = name == output() || (in_place_ && name == input()) ||
                         (operation_.updates() && name.compare(0, 8, "running_") == 0);
    if (!t.memory->unchanged_but_for(written ? t.places() : std::vector<char *>{}, t.type->bytes)) return false;
  }
  return true;
}

// Exact elementwise results of 16 bits are the real ones rounded once.
std::string CallCase::check_rounded_once() const {
  const oracle::ElementwiseOracle &oracle = oracle::elementwise_oracle(operation_.name().c_str());
  std::vector<uint32_t> words;
  words.reserve(inputs_.size());
  for (float x : inputs_) words.push_back(oracle::rounded_once(oracle, *type_->narrow, static_cast<double>(x)));
  const std::string text = difference(output(), tensors_.at(output()), words, inputs_);
  return text.empty() ? text : "not the real result rounded once: " + text;
}

std::string CallCase::check_narrow_gradient() const {
  const oracle::WithStatistics oracle = test::oracle_of(operation_, shape_, inputs_);
  const Passed &tensor = tensors_.at(output());
  const std::vector<char *> places = tensor.places();
  for (size_t i = 0; i < places.size(); ++i) {
    const double value = oracle.output[i].value;
    const uint32_t word = type_->word(places[i]);
    if (test::is_rounded_product(*type_->narrow, value, static_cast<uint16_t>(word))) continue;
    return output() + ", index " + std::to_string(i) + ": expected " + hex(type_->narrow->nearest(value)) + ", got " +
           hex(word) + ", where grad_output is " + test::show(inputs_[i]);
  }
  return "";
}

std::string CallCase::check_results() const {
  if (tensors_.at(output()).layout.count() == 0) return "";
  if (type_->narrow && operation_.row().family == "elementwise") return check_rounded_once();
  if (type_->narrow && operation_.row().elementwise()) return check_narrow_gradient();
  Results expected;
  if (std::string error = reference(operation_, shape_, inputs_, &expected); !error.empty()) return error;
  for (const auto &[name, values] : {std::pair(output(), &expected.output),
                                     {"running_mean", &expected.running_mean},
                                     {"running_var", &expected.running_var}}) {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) continue;
    std::vector<uint32_t> words;
    words.reserve(values->size());
    for (float value : *values) words.push_back(found->second.type->nearest(value));
    if (std::string text = difference(name, found->second, words, inputs_); !text.empty())
      return "other bits than the baseline's: " + text;
  }
  const oracle::WithStatistics oracle = test::oracle_of(operation_, shape_, inputs_);
  if (auto near = test::near_oracle(operation_, oracle, expected, 1e-6); !near)
    return std::string("far from the oracle: ") + near.message();
  return "";
}

std::string run_call(const uint8_t *bytes, size_t size, void (*tell)(const std::string &)) {
  Choices choices(bytes, size);
  const NamedContext &context = choices.one_of(contexts());
  const bool spoil = choices.chance(2);
  CallCase made(choices);
  spoil ? made.spoil(choices) : made.sharpen(choices);
  const std::string text = made.text() + "; " + context.name;
  tell(text);
  const std::string fault = made.check(context.context);
  return fault.empty() ? fault : text + ": " + fault;
}

}  // namespace kiln::fuzz
