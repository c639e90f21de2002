#include "support/spoilable_call.h"

#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::test {

SpoilableCall::SpoilableCall(const std::string &op) : arguments(op) {
  arguments.of_batch(true);
  arguments.with("num_groups", 2).with("size", 3).with("normalized_shape", Extents{4, 3});
  const Extents shape = {2, 4, 3};
  for (const std::string &name : names()) reshape(name, arguments.shape_of(name, shape));
}

std::vector<std::string> SpoilableCall::names() const {
  std::vector<std::string> all = {"input", "output"};
  for (const std::string &name : arguments.parameters()) all.push_back(name);
  return all;
}

void SpoilableCall::reshape(const std::string &name, const Extents &shape) {
  const Layout layout = dense(shape);
  std::vector<float> values = normal_values(layout.count(), 200 + name.size());
  if (name == "running_var")
    for (float &value : values) value = value * value + 1;
  arrays_[name] = std::make_unique<Array>(layout, values);
  tensors_[name] = arrays_[name]->tensor();
}

void SpoilableCall::reshape(const Extents &shape) {
  reshape("input", shape);
  reshape("output", shape);
}

void SpoilableCall::alias(const std::string &name, const std::string &of, int64_t from, const Layout &layout) {
  aliases_[name] = layout;
  tensors_[name] = tensor_on(arrays_.at(of)->data() + from, aliases_[name]);
}

kiln_status SpoilableCall::run() {
  Tensors tensors;
  for (const auto &[name, tensor] : tensors_)
    if (!omitted_[name]) tensors[name] = &tensor;
  return call(nullptr, arguments, tensors);
}

std::vector<std::vector<uint32_t>> SpoilableCall::snapshot() const {
  std::vector<std::vector<uint32_t>> all;
  for (const auto &[name, array] : arrays_) all.push_back(array->snapshot());
  return all;
}

std::vector<std::string> operators_per_channel() {
  std::vector<std::string> names;
  for (const std::string &op : all_operators())
    for (const descriptor::Tensor &tensor : descriptor::operator_named(op).tensors)
      if (tensor.shape == descriptor::Shape::channels && (names.empty() || names.back() != op)) names.push_back(op);
  return names;
}

::testing::AssertionResult names_the_operator(const std::string &op, const std::vector<std::string> &texts) {
  const std::string message = kiln_last_error();
  std::string beginning = "kiln_" + op + ": ";
  if (!texts.empty() && texts[0].back() == ':') beginning += texts[0];
  if (message.compare(0, beginning.size(), beginning) == 0) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "the message does not begin with \"" << beginning << "\": \"" << message
                                       << "\"";
}

void expect_failure(const std::string &op, kiln_status status, const std::vector<std::string> &texts,
                    const std::function<void(SpoilableCall &)> &spoil) {
  SpoilableCall call(op);
  spoil(call);
  const std::vector<std::vector<uint32_t>> before = call.snapshot();
  EXPECT_TRUE(failed_with(status, texts, call.run())) << op;
  EXPECT_TRUE(names_the_operator(op, texts));
  EXPECT_EQ(before, call.snapshot()) << op << ": memory was written";
}

void expect_invalid(const std::string &op, const std::vector<std::string> &texts,
                    const std::function<void(SpoilableCall &)> &spoil) {
  expect_failure(op, KILN_STATUS_INVALID_ARGUMENT, texts, spoil);
}

void expect_success(const std::string &op, const std::function<void(SpoilableCall &)> &change) {
  SpoilableCall call(op);
  change(call);
  EXPECT_TRUE(succeeded(call.run())) << op;
}

}  // namespace kiln::test
