#include "support/spoilable_call.h"

#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::test {

SpoilableCall::SpoilableCall(const std::string &op) : arguments{op} {
  arguments.batch_statistics = true;
  arguments.num_groups = 2;
  arguments.size = 3;
  reshape({2, 4, 3});
  for (const std::string &name : names())
    if (name != "input" && name != "output") reshape(name, {4});
}

std::vector<std::string> SpoilableCall::names() const {
  std::vector<std::string> all = {"input", "output"};
  if (arguments.has_statistics()) all.insert(all.end(), {"running_mean", "running_var"});
  if (arguments.has_affine()) all.insert(all.end(), {"weight", "bias"});
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

DLTensor *SpoilableCall::passed(const std::string &name) {
  const auto found = tensors_.find(name);
  return found == tensors_.end() || omitted_[name] ? nullptr : &found->second;
}

kiln_status SpoilableCall::run() {
  return call(nullptr, arguments,
              {passed("input"), passed("running_mean"), passed("running_var"), passed("weight"), passed("bias"),
               passed("output")});
}

std::vector<std::vector<uint32_t>> SpoilableCall::snapshot() const {
  std::vector<std::vector<uint32_t>> all;
  for (const auto &[name, array] : arrays_) all.push_back(array->snapshot());
  return all;
}

const std::vector<std::string> &five_normalizations() {
  static const std::vector<std::string> names = {"batch_norm", "group_norm", "instance_norm", "local_response_norm",
                                                 "normalize"};
  return names;
}

void expect_failure(const std::string &op, kiln_status status, const std::vector<std::string> &texts,
                    const std::function<void(SpoilableCall &)> &spoil) {
  SpoilableCall call(op);
  spoil(call);
  const std::vector<std::vector<uint32_t>> before = call.snapshot();
  EXPECT_TRUE(failed_with(status, texts, call.run())) << op;
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
