#include "fuzz/call_case.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "support/expectations.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::fuzz {
namespace {

using test::Extents;
using test::Layout;

constexpr int64_t kMostValues = 12000;
constexpr int64_t kSlot = int64_t{1} << 20;  // bytes of a tensor, with its gaps

GuardedMemory &slot_of(const std::string &name) {
  static std::map<std::string, std::unique_ptr<GuardedMemory>> slots;
  std::unique_ptr<GuardedMemory> &slot = slots[name];
  if (!slot) slot = std::make_unique<GuardedMemory>(kSlot);
  return *slot;
}

std::string op_of(Choices &choices) { return choices.one_of(test::operators_and_gradients()); }

// Any order in memory, gaps, some dimensions backwards; for what is only read, some of stride 0.
Layout any_layout(const Extents &shape, bool only_read, Choices &choices) {
  if (shape.empty() || choices.chance(3)) return test::dense(shape);
  if (shape.size() > 2 && choices.chance(4)) return test::channels_last(shape);
  std::vector<int> order(shape.size());
  for (size_t d = 0; d < order.size(); ++d) order[d] = static_cast<int>(d);
  for (size_t d = 0; d + 1 < order.size(); ++d)
    std::swap(order[d], order[choices.integer(static_cast<int64_t>(d), static_cast<int64_t>(order.size()) - 1)]);
  Layout layout = choices.chance(2) ? test::permuted(shape, order) : test::dense(shape);
  const int64_t gap = choices.chance(3) ? choices.integer(2, 4) : 1;
  for (int64_t &stride : layout.strides) stride *= gap;
  for (size_t d = 0; d < shape.size(); ++d) {
    if (choices.chance(6)) layout = test::reversed(layout, static_cast<int>(d));
    if (only_read && choices.chance(10)) layout = test::broadcast(layout, static_cast<int>(d));
  }
  return layout;
}

// Float values of one tensor, by kinds that are hard for an algorithm.
std::vector<float> any_values(int64_t count, Choices &choices) {
  const uint64_t seed = choices.bits(2);
  switch (choices.integer(0, 7)) {
    case 1:
      return test::normal_values(count, seed, std::ldexp(1.0, static_cast<int>(choices.integer(0, 20))));
    case 2:
      return std::vector<float>(count, test::normal_values(1, seed)[0]);
    case 3:
      return test::normal_values(count, seed, 0, 1e-39);
    case 4:
      return test::normal_values(count, seed, 0, 1e30);
    case 5:
      return test::mixed_values(count, seed);
    case 6: {
      std::vector<float> values = test::normal_values(count, seed);
      if (count > 0) values[seed % count] = choices.one_of(test::special_values());
      return values;
    }
    default:
      return test::normal_values(count, seed);
  }
}

}  // namespace

std::vector<char *> Passed::places() const {
  const std::vector<int64_t> offsets = layout.offsets();
  std::vector<char *> places;
  places.reserve(offsets.size());
  for (int64_t offset : offsets) places.push_back(data + offset * type->bytes);
  return places;
}

std::vector<float> Passed::values() const {
  const std::vector<char *> all = places();
  std::vector<float> values(all.size());
  for (size_t i = 0; i < all.size(); ++i) values[i] = type->read(all[i]);
  return values;
}

void Passed::set(const std::vector<float> &values) {
  const std::vector<char *> all = places();
  for (size_t i = 0; i < values.size(); ++i) type->write(all[i], values[i]);
}

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
    while (test::dense(shape_).count() > kMostValues && extent > 1) extent = (extent + 1) / 2;
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
  Passed &t = tensors_[name];
  t.layout = layout, t.type = &type;
  t.memory = &slot_of(name);
  const int64_t elements = layout.high() - layout.low() + 1;
  t.data = t.memory->place(elements * type.bytes, choices.chance(2)) - layout.low() * type.bytes;
  t.set(values);
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
  for (auto &[name, t] : tensors_) {
    const int64_t before = choices.chance(5) ? choices.integer(1, 64) : 0;  // elements
    t.told.data = t.data - before * t.type->bytes;
    t.told.byte_offset = static_cast<uint64_t>(before * t.type->bytes);
    t.told.device = {kDLCPU, 0};
    t.told.ndim = static_cast<int32_t>(t.layout.shape.size());
    t.told.dtype = t.type->dlpack;
    t.told.shape = t.layout.shape.data();
    const bool plain = t.layout.strides == test::dense(t.layout.shape).strides;
    t.told.strides = plain && choices.chance(2) ? nullptr : t.layout.strides.data();
  }
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
