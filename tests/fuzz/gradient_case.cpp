// One gradient of a normalization: results that are asked for or not, statistics or none, any types, layouts and
// memory, some of it spoiled. Each result has the bits of the baseline kernels on dense tensors of float32, rounded
// once.
#include "fuzz/contexts.h"
#include "fuzz/passed.h"
#include "fuzz/targets.h"
#include "support/failing_memory.h"
#include "support/gradients.h"
#include "support/inputs.h"
#include "support/operators.h"
#include "support/small_stack.h"

namespace kiln::fuzz {
namespace {

using descriptor::Role;
using test::Extents;
using test::Layout;

constexpr int64_t kMostValuesOfGradient = 9000;

class GradientCase {
 public:
  explicit GradientCase(Choices &choices);
  std::string check(const NamedContext &context);
  std::string text() const;

 private:
  bool choose(Choices &choices);
  void place_inputs(Choices &choices);
  void place_statistics(Choices &choices);
  void place_results(Choices &choices);
  void spoil(Choices &choices);
  kiln_status call(const kiln_context *context);
  std::string check_refusal(kiln_status status) const;
  std::string check_results();
  bool is_result(const std::string &name) const { return results_.count(name) > 0; }

  std::string op_;
  const Element *type_;
  test::GradientSample sample_{test::Operation("tanh"), {}, {}, {}};
  std::map<std::string, Passed> tensors_;
  std::set<std::string> results_;
  std::map<std::string, std::vector<float>> statistics_;
  std::string over_, spoiled_;  // the input that grad_input is; what is wrong
  int64_t failing_ = 0;
  bool on_small_stack_ = false;
};

GradientCase::GradientCase(Choices &choices)
    : op_(choices.one_of(test::normalization_gradients())), type_(&choices.one_of(elements())) {
  while (!choose(choices)) {
  }
  place_inputs(choices);
  place_statistics(choices);
  place_results(choices);
  for (auto &[name, tensor] : tensors_) tensor.describe(choices);
  if (!over_.empty()) tensors_["grad_input"].told = tensors_.at(over_).told;
  if (choices.chance(8)) spoil(choices);
  if (choices.chance(20)) failing_ = choices.integer(1, 4);
  on_small_stack_ = choices.chance(6);
}

// A shape that the operator takes, with arguments.
bool GradientCase::choose(Choices &choices) {
  Extents shape;
  const int64_t rank = choices.integer(3, 4);
  for (int64_t d = 0; d < rank; ++d) shape.push_back(choices.integer(1, 7));
  if (choices.chance(3)) shape[0] = choices.integer(1, 150);
  if (choices.chance(3)) shape[1] = choices.integer(1, 40);
  if (choices.chance(3)) shape.back() = choices.integer(1, 6000);
  for (int64_t &extent : shape)
    while (test::dense(shape).count() > kMostValuesOfGradient && extent > 1) extent = (extent + 1) / 2;
  const std::vector<test::Operation> operations = test::gradient_operations(op_, shape);
  if (operations.empty()) return false;
  sample_ = {choices.one_of(operations), shape, {}, {}};
  return true;
}

void GradientCase::place_inputs(Choices &choices) {
  const int64_t count = test::dense(sample_.shape).count();
  for (const char *name : {"grad_output", "input"}) {
    Passed &tensor = tensors_[name];
    tensor.place(slot_of(name), *type_, any_layout(sample_.shape, true, choices), any_values(count, choices), choices);
    (name == std::string("input") ? sample_.input : sample_.grad_output) = tensor.values();
  }
  for (const std::string &name : sample_.operation.tensors(Role::parameter)) {
    std::vector<float> &values = sample_.operation.values(name);
    if (values.empty()) continue;
    const Element &type = choices.chance(2) ? elements().front() : *type_;
    const Extents shape = sample_.operation.shape_of(name, sample_.shape);
    tensors_[name].place(slot_of(name), type, any_layout(shape, true, choices), values, choices);
    values = tensors_.at(name).values();
  }
}

// Those that the operator writes, or any.
void GradientCase::place_statistics(Choices &choices) {
  const std::vector<std::string> names = sample_.operation.tensors(Role::moment);
  if (names.empty() || choices.chance(2)) return;
  const bool found = choices.chance(2) && !test::by_running_statistics(sample_.operation);
  if (found) statistics_ = test::statistics_of(nullptr, sample_.operation, sample_.shape, sample_.input);
  for (const std::string &name : names) {
    const Extents shape = sample_.operation.shape_of(name, sample_.shape);
    const std::vector<float> values =
        found ? statistics_.at(name) : test::normal_values(test::dense(shape).count(), choices.bits(1), 1, 0.5);
    tensors_[name].place(slot_of(name), elements().front(), any_layout(shape, true, choices), values, choices);
    statistics_[name] = tensors_.at(name).values();
  }
}

void GradientCase::place_results(Choices &choices) {
  for (const std::string &name : sample_.operation.tensors(Role::result)) {
    if (choices.chance(4)) continue;
    const Element &type = choices.chance(2) ? elements().front() : *type_;
    const Extents shape = sample_.operation.shape_of(name, sample_.shape);
    tensors_[name].place(slot_of(name), type, any_layout(shape, false, choices), {}, choices);
    results_.insert(name);
  }
  if (!results_.empty() && choices.chance(5)) return;
  results_.insert("grad_input");
  for (const char *name : {"grad_output", "input"}) {
    const Layout &layout = tensors_.at(name).layout;
    bool distinct = true;
    for (size_t d = 0; d < layout.shape.size(); ++d)
      distinct = distinct && (layout.shape[d] < 2 || layout.strides[d] != 0);
    if (over_.empty() && distinct && choices.chance(4)) over_ = name;
  }
  if (over_.empty())
    tensors_["grad_input"].place(slot_of("grad_input"), *type_, any_layout(sample_.shape, false, choices), {}, choices);
  else
    tensors_["grad_input"] = tensors_.at(over_);
}

// One thing that kiln.h says is refused.
void GradientCase::spoil(Choices &choices) {
  auto at = tensors_.begin();
  std::advance(at, choices.integer(0, static_cast<int64_t>(tensors_.size()) - 1));
  Passed &tensor = at->second;
  spoiled_ = at->first;
  switch (choices.integer(0, 3)) {
    case 0:
      tensor.told.dtype = {kDLFloat, 64, 1};
      spoiled_ += " is of float64";
      return;
    case 1:
      tensor.told.ndim = KILN_MAX_NDIM + 1;
      spoiled_ += " has too many dimensions";
      return;
    case 2:
      if (tensor.layout.shape.empty()) break;
      tensor.layout.shape.back() += 1;
      tensor.told.shape = tensor.layout.shape.data();
      spoiled_ += " has an extent more";
      return;
    default:
      if (!is_result(at->first) || at->first == "grad_input" || tensor.type != type_) break;
      tensor.told.data = tensors_.at("input").data, tensor.told.byte_offset = 0, tensor.told.strides = nullptr;
      spoiled_ += " lies over the input";
      return;
  }
  spoiled_.clear();
}

std::string GradientCase::text() const {
  std::string text = test::show(sample_);
  for (const auto &[name, tensor] : tensors_)
    text += "; " + name + " " + tensor.type->name + " " + test::show(tensor.layout);
  if (!over_.empty()) text += "; grad_input is " + over_;
  if (failing_) text += "; allocation " + std::to_string(failing_) + " fails";
  if (on_small_stack_) text += "; on a small stack";
  return spoiled_.empty() ? text : text + "; spoiled: " + spoiled_;
}

kiln_status GradientCase::call(const kiln_context *context) {
  test::Tensors passed;
  for (const auto &[name, tensor] : tensors_) passed[name] = &tensor.told;
  const test::PreparedCall prepared(sample_.operation, passed);
  kiln_status status = KILN_STATUS_OK;
  const auto body = [&] {
    if (failing_) test::start_failing_memory(failing_);
    status = prepared.run(context);
    if (failing_) test::stop_failing_memory();
  };
  static test::SmallStack small_stack;
  on_small_stack_ ? small_stack.run(body) : body();
  return status;
}

std::string GradientCase::check(const NamedContext &context) {
  for (auto &[name, tensor] : tensors_) tensor.memory->remember();
  const kiln_status status = call(context.context);
  if (status != KILN_STATUS_OK) return check_refusal(status);
  if (!spoiled_.empty()) return "was accepted";
  for (const auto &[name, tensor] : tensors_) {
    const bool written = is_result(name) || name == over_;
    if (!tensor.memory->unchanged_but_for(written ? tensor.places() : std::vector<char *>{}, tensor.type->bytes))
      return name + ": memory beside the results was written";
  }
  return check_results();
}

std::string GradientCase::check_refusal(kiln_status status) const {
  const std::string error = kiln_last_error();
  if (error.rfind("kiln_" + op_ + ": ", 0) != 0) return "an error that does not name the operator: " + error;
  for (const auto &[name, tensor] : tensors_)
    if (!tensor.memory->unchanged_but_for({}, 0)) return name + " was written, though the call failed: " + error;
  const bool no_memory = failing_ && status == KILN_STATUS_OUT_OF_MEMORY;
  return spoiled_.empty() && !no_memory ? "a right call was refused: " + error : "";
}

std::string GradientCase::check_results() {
  static const test::Context *const baseline = [] {
    auto *made = new test::Context;
    made->isa(test::baseline().name).threads(1);
    return made;
  }();
  test::GradientCall reference(sample_);
  if (!statistics_.empty()) reference.give(statistics_);
  if (reference.run(*baseline) != KILN_STATUS_OK) return std::string("the reference call failed: ") + kiln_last_error();
  const test::GradientBits expected = reference.results();
  for (const std::string &name : results_) {
    const Passed &tensor = tensors_.at(name);
    std::vector<uint32_t> words;
    for (uint32_t bits : expected.at(name))
      words.push_back(tensor.type->narrow ? tensor.type->nearest(test::from_bits(bits)) : bits);
    if (std::string text = difference(name, tensor, words); !text.empty()) return text;
  }
  return "";
}

}  // namespace

std::string run_gradient(const uint8_t *bytes, size_t size, void (*tell)(const std::string &)) {
  Choices choices(bytes, size);
  const NamedContext &context = choices.one_of(contexts());
  GradientCase one(choices);
  const std::string text = one.text() + "; " + context.name;
  tell(text);
  const std::string fault = one.check(context);
  return fault.empty() ? "" : text + ": " + fault;
}

}  // namespace kiln::fuzz
