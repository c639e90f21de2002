#include <algorithm>

#include "support/gradients.h"

namespace kiln::test {

using descriptor::Role;

GradientCall::GradientCall(const GradientSample &sample, const GradientForm &form)
    : operation_(sample.operation), shape_(sample.shape), input_(sample.input), form_(form) {
  add("grad_output", form.type, form.grad_output(shape_), sample.grad_output);
  add("input", form.type, form.input(shape_), sample.input);
  for (const std::string &name : operation_.tensors(Role::parameter))
    if (!operation_.values(name).empty())
      add(name, form.parameters, stepped(operation_.shape_of(name, shape_), form.step), operation_.values(name));
  const int64_t step = std::max<int64_t>(form.step, 1);
  for (const std::string &name : operation_.tensors(Role::result))
    if (!form.without.count(name)) add(name, form.parameters, stepped(operation_.shape_of(name, shape_), step), {});
  if (form.without.count("grad_input")) return;
  if (form.over.empty())
    add("grad_input", form.type, form.grad_input(shape_), {});
  else
    tensors_["grad_input"] = tensors_.at(form.over);
}

// Of no values: what is written.
void GradientCall::add(const std::string &name, const ElementType *type, const Layout &layout,
                       const std::vector<float> &values) {
  TypedArray array = values.empty() ? TypedArray(type, layout, form_.misalignment)
                                    : TypedArray(type, layout, values, form_.misalignment);
  TypedArray &kept = arrays_.emplace(name, std::move(array)).first->second;
  tensors_[name] = kept.tensor();
  if (!values.empty()) before_[name] = kept.snapshot();
}

void GradientCall::give(const std::map<std::string, std::vector<float>> &statistics) {
  for (const std::string &name : operation_.tensors(Role::moment))
    if (const auto found = statistics.find(name); found != statistics.end())
      add(name, nullptr, stepped(operation_.shape_of(name, shape_), std::max<int64_t>(form_.step, 1)), found->second);
}

void GradientCall::give_statistics(const kiln_context *context) {
  give(statistics_of(context, operation_, shape_, input_, form_.type, form_.parameters));
}

DLTensor *GradientCall::tensor(const std::string &name) {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

kiln_status GradientCall::run(const kiln_context *context) const {
  Tensors passed;
  for (const auto &[name, tensor] : tensors_) passed[name] = &tensor;
  return call(context, operation_, passed);
}

GradientBits GradientCall::results() const {
  GradientBits results;
  std::vector<std::string> names = operation_.tensors(Role::result);
  names.push_back("grad_input");
  for (const std::string &name : names) {
    if (form_.without.count(name)) continue;
    const bool over = name == "grad_input" && !form_.over.empty();
    results[name] = arrays_.at(over ? form_.over : name).bits();
  }
  return results;
}

std::map<std::string, std::vector<uint32_t>> GradientCall::snapshot() const {
  std::map<std::string, std::vector<uint32_t>> all;
  for (const auto &[name, array] : arrays_) all[name] = array.snapshot();
  return all;
}

::testing::AssertionResult GradientCall::only_results_written() const {
  for (const auto &[name, array] : arrays_)
    if (auto untouched = array.surroundings_untouched(); !untouched) return untouched << " (" << name << ")";
  for (const auto &[name, bits] : before_)
    if (name != form_.over && bits != arrays_.at(name).snapshot())
      return ::testing::AssertionFailure() << name << " was written";
  return ::testing::AssertionSuccess();
}

}  // namespace kiln::test
