// Bad calls of gradients of normalizations: the error names the argument, and all that would be written stays as it
// was.
#include <cmath>
#include <functional>

#include "support/gradients.h"
#include "support/inputs.h"

namespace kiln::test {
namespace {

using descriptor::Role;

class NormalizationGradientErrors : public ::testing::TestWithParam<std::string> {
 protected:
  const std::string &op() const { return GetParam(); }
  bool has(const std::string &name) const { return Operation(op()).has(name); }
  std::vector<std::string> tensors(std::initializer_list<Role> roles) const {
    std::vector<std::string> names;
    for (Role role : roles)
      for (const std::string &name : Operation(op()).tensors(role)) names.push_back(name);
    return names;
  }
  // Arguments of the sample whose statistics are the input's, or where `running`, given ones; with a weight.
  GradientSample sample(bool running = false) const {
    const Extents shape = {2, 4, 3};
    for (GradientSample &s : gradient_samples(op(), shape, 711))
      if (by_running_statistics(s.operation) == running && (!has("weight") || !s.operation.values("weight").empty()))
        return s;
    return gradient_samples(op(), shape, 711).front();
  }
  // Statistics that are of the right shapes.
  static std::map<std::string, std::vector<float>> statistics(const GradientSample &s) {
    std::map<std::string, std::vector<float>> all;
    for (const std::string &name : s.operation.tensors(Role::moment))
      all[name] = std::vector<float>(dense(s.operation.shape_of(name, s.shape)).count(), 0.5f);
    return all;
  }
  // A call with all that there may be, which a body spoils.
  void expect_refused(kiln_status status, const std::vector<std::string> &texts,
                      const std::function<void(GradientCall &)> &spoil, bool running = false,
                      const GradientForm &form = {}) const {
    const GradientSample s = sample(running);
    GradientCall call(s, form);
    call.give(statistics(s));
    spoil(call);
    const auto before = call.snapshot();
    EXPECT_TRUE(failed_with(status, texts, call.run(nullptr))) << op();
    const std::string message = kiln_last_error(), beginning = "kiln_" + op() + ": ";
    EXPECT_EQ(message.compare(0, beginning.size(), beginning), 0) << message;
    EXPECT_EQ(before, call.snapshot()) << "memory was written: " << message;
  }
  void expect_invalid(const std::vector<std::string> &texts, const std::function<void(GradientCall &)> &spoil,
                      bool running = false) const {
    expect_refused(KILN_STATUS_INVALID_ARGUMENT, texts, spoil, running);
  }
};
INSTANTIATE_TEST_SUITE_P(Each, NormalizationGradientErrors, ::testing::ValuesIn(normalization_gradients()),
                         [](const auto &info) { return info.param; });

// What a sound call is: else no refusal would say anything.
TEST_P(NormalizationGradientErrors, NoneOfASoundCall) {
  for (bool running : {false, true}) {
    const GradientSample s = sample(running);
    for (bool with_statistics : {false, true}) {
      GradientCall call(s);
      if (with_statistics) call.give(statistics(s));
      EXPECT_TRUE(succeeded(call.run(nullptr))) << show(s);
    }
  }
}

TEST_P(NormalizationGradientErrors, WhatIsNeverAbsent) {
  for (const std::string name : {"grad_output", "input"})
    expect_invalid({name + ":", "NULL"}, [&](GradientCall &c) { c.omit(name); });
}

TEST_P(NormalizationGradientErrors, NoData) {
  for (const std::string &name :
       tensors({Role::input, Role::operand, Role::parameter, Role::moment, Role::result, Role::output}))
    if (name != "running_mean" && name != "running_var")
      expect_invalid({name + ":", "data"}, [&](GradientCall &c) { c.tensor(name)->data = nullptr; });
}

// One more value, and one dimension more.
TEST_P(NormalizationGradientErrors, Shapes) {
  for (const std::string &name : tensors({Role::operand, Role::parameter, Role::moment, Role::result, Role::output})) {
    const bool running = name == "running_mean" || name == "running_var";
    Array other(dense({2, 4, 3, 1}), std::vector<float>(24, 1.0f)), longer(dense({7}), std::vector<float>(7, 1.0f));
    for (Array *array : {&other, &longer}) {
      const auto before = array->snapshot();
      expect_invalid(
          {name + ":", show(array->layout().shape)}, [&](GradientCall &c) { c.pass(name, array->tensor()); }, running);
      EXPECT_EQ(before, array->snapshot());
    }
  }
}

// float32 beside words, words beside float32; statistics of words even beside words.
TEST_P(NormalizationGradientErrors, Types) {
  const ElementType &half = element_types_of_16_bits().front();
  for (const std::string &name : tensors({Role::operand, Role::parameter, Role::moment, Role::result, Role::output})) {
    if (name == "running_mean" || name == "running_var") continue;
    const auto narrow = [&](GradientCall &c) { c.tensor(name)->dtype = half.dlpack; };
    expect_refused(KILN_STATUS_UNSUPPORTED, {name + ":", "float32", "float16"}, narrow);
    GradientForm words;
    words.type = words.parameters = &half;
    if (name == "mean" || name == "rstd")
      expect_refused(KILN_STATUS_UNSUPPORTED, {name + ":", "float32", "float16"}, narrow, false, words);
  }
  expect_refused(KILN_STATUS_UNSUPPORTED, {"float64"},
                 [](GradientCall &c) { c.tensor("grad_output")->dtype.bits = 64; });
}

// What is written shares no element with anything else: from its first element, and from the middle.
TEST_P(NormalizationGradientErrors, OverlapOfResults) {
  for (const std::string &name : tensors({Role::result}))
    for (const std::string &other :
         tensors({Role::input, Role::operand, Role::parameter, Role::moment, Role::result, Role::output})) {
      if (other == name || other == "running_mean" || other == "running_var") continue;
      for (uint64_t bytes : {0, 4})
        expect_invalid({name, other}, [&](GradientCall &c) {
          c.tensor(name)->data = c.tensor(other)->data;
          c.tensor(name)->byte_offset = c.tensor(other)->byte_offset + bytes;
        });
    }
}

// grad_input is one of the inputs or apart; of parameters and statistics it is apart.
TEST_P(NormalizationGradientErrors, OverlapOfGradInput) {
  for (const std::string &other : tensors({Role::input, Role::operand, Role::parameter, Role::moment})) {
    if (other == "running_mean" || other == "running_var") continue;
    expect_invalid({"grad_input", other}, [&](GradientCall &c) {
      c.tensor("grad_input")->data = c.tensor(other)->data;
      c.tensor("grad_input")->byte_offset = c.tensor(other)->byte_offset + 4;
    });
  }
}

TEST_P(NormalizationGradientErrors, ResultsOfStride0) {
  static int64_t none[3] = {0, 0, 0};
  for (const std::string &name : tensors({Role::result, Role::output}))
    expect_invalid({name + ":"}, [&](GradientCall &c) { c.tensor(name)->strides = none; });
}

TEST_P(NormalizationGradientErrors, MissingRunningStatistics) {
  if (!has("running_mean")) return;
  for (const std::string name : {"running_mean", "running_var"})
    expect_invalid(
        {name + ":", "NULL"}, [&](GradientCall &c) { c.omit(name); }, true);
}

TEST_P(NormalizationGradientErrors, OneOfTheStatistics) {
  if (!has("mean")) return;
  for (const std::string name : {"mean", "rstd"})
    expect_invalid({name + ":", "NULL"}, [&](GradientCall &c) { c.omit(name); });
}

TEST_P(NormalizationGradientErrors, Arguments) {
  if (has("eps"))
    for (double eps : {-1e-5, std::nan("")})
      expect_invalid({"eps:", "expected"}, [&](GradientCall &c) { c.operation()["eps"] = eps; });
  if (has("p")) expect_invalid({"p:", "nan"}, [](GradientCall &c) { c.operation()["p"] = std::nan(""); });
  if (has("dim")) expect_invalid({"dim:", "3"}, [](GradientCall &c) { c.operation()["dim"] = Extents{3}; });
  if (has("size")) expect_invalid({"size:", "0"}, [](GradientCall &c) { c.operation()["size"] = 0; });
  if (has("num_groups"))
    for (int64_t groups : {0, 3})
      expect_invalid({"num_groups:", "expected"}, [&](GradientCall &c) { c.operation()["num_groups"] = groups; });
  if (has("normalized_shape"))
    for (const Extents &shape : {Extents{}, Extents{4}, Extents{1, 2, 4, 3}})
      expect_invalid({"normalized_shape:", "expected"},
                     [&](GradientCall &c) { c.operation()["normalized_shape"] = shape; });
}

// By running statistics nothing is measured that could be written.
TEST_P(NormalizationGradientErrors, StatisticsThatAreNotMeasured) {
  if (!has("running_mean")) return;
  const GradientSample s = sample(true);
  Operation n(s.operation.row().forward + "_with_statistics");
  for (const descriptor::Argument &argument : s.operation.row().arguments)
    n[argument.name] = s.operation[argument.name];
  Array input(dense(s.shape), s.input), output(dense(s.shape));
  Array mean(dense({4}), {1, 2, 3, 4}), var(dense({4}), {1, 2, 3, 4});
  const DLTensor from = input.tensor(), running_mean = mean.tensor(), running_var = var.tensor();
  DLTensor to = output.tensor();
  for (const std::string name : {"mean", "rstd"}) {
    Array written(dense(n.shape_of(name, s.shape)));
    DLTensor statistics = written.tensor();
    const auto before = written.snapshot();
    EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {name + ":", "NULL", "= 0"},
                            call(nullptr, n,
                                 {{"input", &from},
                                  {"output", &to},
                                  {"running_mean", &running_mean},
                                  {"running_var", &running_var},
                                  {name, &statistics}})));
    EXPECT_EQ(before, written.snapshot());
  }
}

// Sums of so many turns of rows are beyond a kernel's indices. Memory is that of one sample.
TEST_P(NormalizationGradientErrors, TooManyRows) {
  if (!has("normalized_shape")) return;
  int64_t shape[] = {int64_t{1} << 34, 4, 3}, strides[] = {0, 3, 1};
  expect_refused(KILN_STATUS_UNSUPPORTED, {"input:", "expected fewer than 2^35 values"}, [&](GradientCall &c) {
    for (const char *name : {"grad_output", "input"}) {
      c.tensor(name)->shape = shape;
      c.tensor(name)->strides = strides;
    }
    for (const char *name : {"grad_input", "mean", "rstd"})
      if (has(name)) c.omit(name);
  });
}

// As of the operators themselves: too few values to have statistics of, and a rank without channels.
TEST_P(NormalizationGradientErrors, Inputs) {
  if (has("normalized_shape") || has("p")) return;
  const Extents shape = {4};
  Array g(dense(shape), {1, 2, 3, 4}), x(dense(shape), {1, 2, 3, 4}), result(dense(shape));
  expect_invalid({"grad_output:", "rank"}, [&](GradientCall &c) {
    c.pass("grad_output", g.tensor()), c.pass("input", x.tensor()), c.pass("grad_input", result.tensor());
  });
}

}  // namespace
}  // namespace kiln::test
