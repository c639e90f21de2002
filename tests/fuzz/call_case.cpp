#include "fuzz/call_case.h"

#include <algorithm>
#include <cstdlib>

#include "support/expectations.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::fuzz {
namespace {

using test::Extents;
using test::Layout;

constexpr int64_t kMostValuesOfCall = 12000;

std::string op_of(Choices &choices) { return choices.one_of(test::operators_and_gradients()); }

}  // namespace

CallCase::CallCase(Choices &choices)
    : operation_(op_of(choices)), type_(&element_named(choices.one_of(operation_.row().dtypes))) {
  choose_shape(choices);
  choose_arguments(choices);
  choose_values(choices);
  place_tensors(choices);
}

void CallCase::choose_shape(Choices &choices) {
  const bool elementwise = operation_.row().elementwise();
  const int64_t rank = elementwise ? choices.integer(0, 6) : choices.integer(2, 5);
  for (int64_t d = 0; d < rank; ++d) shape_.push_back(choices.integer(1, 7));
  if (rank > 1 && choices.chance(3)) shape_[1] = choices.integer(1, 40);
  if (rank > 0 && choices.chance(4)) shape_.back() = choices.integer(1, 6000);
  for (int64_t &extent : shape_)
    while (test::dense(shape_).count() > kMostValuesOfCall && extent > 1) extent = (extent + 1) / 2;
  if (rank > 0 && choices.chance(30)) shape_[choices.integer(0, rank - 1)] = 0;
}

void CallCase::choose_arguments(Choices &choices) {
  const std::vector<test::Operation> samples = test::samples_of(operation_.name(), shape_);
  if (samples.empty()) {  // the operator takes no such shape
    operation_ = test::Operation(test::any_elementwise_operator().name);
    const std::vector<std::string> &dtypes = operation_.row().dtypes;
    if (std::find(dtypes.begin(), dtypes.end(), type_->name) == dtypes.end()) type_ = &elements().front();
    return;
  }
  operation_ = choices.one_of(samples);
  // Below 1e-76 two float32 factors end (docs/promises/numerics.md).
  if (operation_.has("eps") && choices.chance(3))
    operation_["eps"] = choices.one_of(std::vector<double>{0, 1e-70, 1e-30, 1e-12, 1e-5, 0.5, 1e10});
  if (operation_.has("training") && operation_.of_batch() && operation_["eps"].real == 0) operation_["eps"] = 1e-5;
  for (const std::string &name : operation_.tensors(descriptor::Role::parameter)) {
    const int64_t count = test::dense(operation_.shape_of(name, shape_)).count();
    if (choices.chance(3)) operation_.values(name) = test::normal_values(count, choices.bits(1), 1, 0.5);
    if (choices.chance(4)) operation_.values(name).clear();
  }
}

void CallCase::choose_values(Choices &choices) { inputs_ = any_values(test::dense(shape_).count(), choices); }

void CallCase::place(const std::string &name, const Element &type, const Layout &layout,
                     const std::vector<float> &values, Choices &choices) {
  tensors_[name].place(slot_of(name), type, layout, values, choices);
}

std::vector<std::string> CallCase::of_input() const {
  std::vector<std::string> names = operation_.tensors(descriptor::Role::operand);
  names.insert(names.end(), {input(), output()});
  return names;
}

bool CallCase::is_of_input(const std::string &tensor) const {
  const std::vector<std::string> names = of_input();
  return std::find(names.begin(), names.end(), tensor) != names.end();
}

// Of the input's type, or of float32 beside any; what is read with the input, of its type and any layout.
void CallCase::place_parameter(const std::string &name, Choices &choices) {
  const bool operand = is_of_input(name), widens = type_->narrow && !operand && choices.chance(2);
  const Element &type = widens ? elements().front() : *type_;
  const Extents shape = operation_.shape_of(name, shape_);
  const Layout layout = operand             ? any_layout(shape, true, choices)
                        : choices.chance(3) ? test::stepped(shape, choices.integer(2, 3))
                                            : test::dense(shape);
  place(name, type, layout, operation_.values(name), choices);
  operation_.values(name) = tensors_.at(name).values();
}

// Views whose elements lie many gigabytes apart, where a 32-bit index ends. An emulated CPU has no sparse memory of
// that size (tests/spans_test.cpp).
bool CallCase::place_far_apart(Choices &choices) {
  if (std::getenv("KILN_RUNNER")) return false;
  if (test::dense(shape_).count() > 2000 || !choices.chance(20)) return false;
  for (const std::string &name : {input(), output()}) {
    Layout layout = test::dense(shape_);
    const size_t d = static_cast<size_t>(choices.integer(0, static_cast<int64_t>(shape_.size()) - 1));
    if (shape_[d] < 2) return false;
    layout.strides[d] = std::max((int64_t{1} << choices.integer(29, 33)) / (shape_[d] - 1) + choices.integer(0, 2),
                                 layout.strides[d] * shape_[d]);
    if (choices.chance(3)) layout = test::reversed(layout, static_cast<int>(d));
    std::unique_ptr<test::SparseMemory> &memory = sparse_[name == output()];
    memory = std::make_unique<test::SparseMemory>(layout, type_->bytes);
    if (!*memory) return false;
    Passed &t = tensors_[name];
    t.layout = layout, t.type = type_, t.data = memory->origin(), t.memory = nullptr;
    t.set(name == input() ? inputs_ : std::vector<float>(inputs_.size(), 0));
  }
  return far_apart_ = true;
}

void CallCase::place_tensors(Choices &choices) {
  if (shape_.empty() || !place_far_apart(choices)) {
    in_place_ = choices.chance(3);
    place(input(), *type_, any_layout(shape_, !in_place_, choices), inputs_, choices);
    if (in_place_)
      tensors_[output()] = tensors_[input()];
    else
      place(output(), *type_, any_layout(shape_, false, choices), {}, choices);
  }
  inputs_ = tensors_[input()].values();  // where a stride is 0, the last of those that are written there
  for (const std::string &name : operation_.parameters())
    if (is_of_input(name) || !operation_.values(name).empty()) place_parameter(name, choices);
  for (auto &[name, t] : tensors_) t.describe(choices);
}

std::string CallCase::text() const {
  std::string text = test::show(operation_);
  for (const auto &[name, t] : tensors_)
    text += "; " + name + " " + t.type->name + " " + test::show(t.layout) + (t.told.strides ? "" : " without strides");
  if (in_place_) text += "; in place";
  text += sharpened_;
  return spoiled_.empty() ? text : text + "; spoiled: " + spoiled_;
}

}  // namespace kiln::fuzz
