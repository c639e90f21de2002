// Results against those that PyTorch made (scripts/make_torch_reference.py): values, where NaN and infinities go, and
// which arguments are errors.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "oracle/ulp.h"
#include "support/layer_norm.h"
#include "support/normalizations.h"
#include "support/operators.h"
#include "torch_differences.h"

namespace kiln::test {
namespace {

using Json = nlohmann::json;

struct Values {
  Extents shape;
  std::vector<float> data;
};

Values read_values(const Json &tensor) {
  Values values{tensor.at("shape").get<Extents>(), {}};
  const std::string hex = tensor.at("data");
  for (size_t i = 0; i < hex.size(); i += 8)
    values.data.push_back(from_bits(std::stoul(hex.substr(i, 8), nullptr, 16)));
  return values;
}

// Infinities and NaN are strings.
double number(const Json &value) {
  return value.is_string() ? std::strtod(value.get<std::string>().c_str(), nullptr) : value.get<double>();
}

// The arguments of a case, by PyTorch's names and at its defaults.
Normalization read_normalization(const std::string &op, const Json &test_case) {
  Normalization n{op};
  n.batch_statistics = n.is("instance_norm");
  if (n.is("normalize")) n.eps = 1e-12;
  const std::map<std::string, double *> reals = {{"momentum", &n.momentum}, {"eps", &n.eps}, {"alpha", &n.alpha},
                                                 {"beta", &n.beta},         {"k", &n.k},     {"p", &n.p}};
  for (const auto &[name, value] : test_case.at("arguments").items()) {
    if (reals.count(name)) *reals.at(name) = number(value);
    if (name == "training" || name == "use_input_stats") n.batch_statistics = value;
    if (name == "num_groups") n.num_groups = value;
    if (name == "size") n.size = value;
    if (name == "normalized_shape") n.normalized_shape = value.get<Extents>();
    if (name == "dim") n.dim = value.is_null() ? Extents() : value.is_array() ? value.get<Extents>() : Extents{value};
  }
  const auto values = [&](const char *name) {
    const Json &inputs = test_case.at("inputs");
    return inputs.contains(name) ? read_values(inputs.at(name)).data : std::vector<float>();
  };
  n.weight = values("weight"), n.bias = values("bias");
  n.running_mean = values("running_mean"), n.running_var = values("running_var");
  return n;
}

// A case's tensors, of the shapes that it says, which may be wrong ones.
class Tensor {
 public:
  Tensor(const Json &inputs, const char *name) {
    if (!inputs.contains(name)) return;
    const Values values = read_values(inputs.at(name));
    array_ = std::make_unique<Array>(dense(values.shape), values.data);
    tensor_ = array_->tensor();
  }
  DLTensor *get() { return array_ ? &tensor_ : nullptr; }
  std::vector<float> values() const { return array_ ? array_->get() : std::vector<float>(); }

 private:
  std::unique_ptr<Array> array_;
  DLTensor tensor_{};
};

struct Outcome {
  kiln_status status;
  Results results;
  // What an error must leave: the canary, and the statistics that were given.
  Results untouched;
  // The results are PyTorch's.
  std::function<::testing::AssertionResult()> judge;
};

// The expected value was rounded to float32: half an ULP on top of the operator's bound.
Outcome run_pointwise(const kiln_context *context, const PointwiseOperator &op, const Json &test_case) {
  Tensor input(test_case.at("inputs"), "input");
  Array to(dense(read_values(test_case.at("inputs").at("input")).shape));
  const std::vector<float> untouched = to.get();
  DLTensor out = to.tensor();
  const kiln_status status = op.run(context, input.get(), &out);
  const auto judge = [inputs = input.values(), outputs = to.get(), test_case] {
    const std::vector<float> expected = read_values(test_case.at("outputs").at("output")).data;
    for (size_t i = 0; i < expected.size(); ++i)
      if (!(oracle::ulp_error(outputs[i], expected[i]) <= 1.5))
        return ::testing::AssertionFailure() << "index " << i << ", input " << show(inputs[i]) << ": expected "
                                             << show(expected[i]) << ", got " << show(outputs[i]);
    return ::testing::AssertionSuccess();
  };
  return {status, {to.get(), {}, {}}, {untouched, {}, {}}, judge};
}

// PyTorch's values in the place of the oracle's, whose magnitudes stay.
void replace(std::vector<oracle::Normalized> &results, const Json &outputs, const char *name) {
  if (!outputs.contains(name)) return;
  const std::vector<float> values = read_values(outputs.at(name)).data;
  for (size_t i = 0; i < results.size(); ++i) results[i].value = values[i];
}

::testing::AssertionResult judge_normalization(const Normalization &n, const Json &test_case, const Results &results,
                                               const Difference *difference) {
  const Values input = read_values(test_case.at("inputs").at("input"));
  oracle::WithStatistics expected = oracle_of(n, input.shape, input.data);
  if (difference && difference->instead == Instead::nan_or_defined) accept_nan_for_infinity(expected, results);
  if (!difference) {
    const Json &outputs = test_case.at("outputs");
    replace(expected.output, outputs, "output");
    replace(expected.running_mean, outputs, "running_mean");
    replace(expected.running_var, outputs, "running_var");
  }
  return near_oracle(n, expected, results, 1e-6, 0x1p-24);
}

Outcome run_normalization(const kiln_context *context, const std::string &op, const Json &test_case) {
  const Json &inputs = test_case.at("inputs");
  const Normalization n = read_normalization(op, test_case);
  Tensor input(inputs, "input"), running_mean(inputs, "running_mean"), running_var(inputs, "running_var");
  Tensor weight(inputs, "weight"), bias(inputs, "bias");
  Array to(dense(read_values(inputs.at("input")).shape));
  const std::vector<float> untouched = to.get();
  DLTensor out = to.tensor();
  const kiln_status status =
      call(context, n, {input.get(), running_mean.get(), running_var.get(), weight.get(), bias.get(), &out});
  const Results results{to.get(), running_mean.values(), running_var.values()};
  const Difference *d = difference(op, test_case.at("name"));
  return {status, results, {untouched, n.running_mean, n.running_var}, [=] {
            return judge_normalization(n, test_case, results, d);
          }};
}

Outcome run_case(const kiln_context *context, const std::string &op, const Json &test_case) {
  for (const PointwiseOperator &pointwise : pointwise_operators())
    if (pointwise.name == op) return run_pointwise(context, pointwise, test_case);
  return run_normalization(context, op, test_case);
}

// Operators that must have a file. A new elementwise operator may come without.
const std::set<std::string> &required() {
  static const std::set<std::string> names = {
      "tanh", "sigmoid", "hardsigmoid", "silu", "mish",
#define KILN_NORMALIZATION(name, stages, formula) #name,
#include <kiln/operators.def>
  };
  return names;
}

std::vector<std::string> operators() {
  return {
#define KILN_POINTWISE(name, accuracies, formula) #name,
#define KILN_NORMALIZATION(name, stages, formula) #name,
#include <kiln/operators.def>
  };
}

class Torch : public ::testing::TestWithParam<std::tuple<std::string, const Isa *>> {
 protected:
  void SetUp() override {
    if (!isa().runs_here) GTEST_SKIP() << "this CPU has no " << isa().name;
  }
  const std::string &op() const { return std::get<0>(GetParam()); }
  const Isa &isa() const { return *std::get<1>(GetParam()); }
  void expect_case(const kiln_context *context, const Json &test_case) const {
    const Outcome outcome = run_case(context, op(), test_case);
    const Difference *d = difference(op(), test_case.at("name"));
    ASSERT_TRUE(!d || test_case.contains("error") == (d->instead == Instead::accepted)) << "not as the table says";
    if (d ? d->instead == Instead::refused : test_case.contains("error")) {
      EXPECT_EQ(outcome.status, KILN_STATUS_INVALID_ARGUMENT);
      EXPECT_TRUE(same_bits(outcome.untouched, outcome.results)) << "something was written";
      return;
    }
    ASSERT_TRUE(succeeded(outcome.status));
    EXPECT_TRUE(outcome.judge());
  }
};
INSTANTIATE_TEST_SUITE_P(Each, Torch,
                         ::testing::Combine(::testing::ValuesIn(operators()), ::testing::ValuesIn(each_isa())),
                         [](const auto &info) { return std::get<0>(info.param) + suffix(*std::get<1>(info.param)); });

TEST_P(Torch, GaveTheseResults) {
  std::ifstream file(std::string(KILN_TESTS_DIR "/data/torch/") + op() + ".json");
  if (!file) {
    ASSERT_EQ(required().count(op()), 0u) << "tests/data/torch has no results for " << op();
    GTEST_SKIP() << "tests/data/torch has no results for " << op();
  }
  const Json data = Json::parse(file);
  ASSERT_EQ(data.at("operator"), op());
  ASSERT_FALSE(data.at("cases").empty());
  Context context;
  context.isa(isa().name);
  std::set<std::string> names;
  for (const Json &test_case : data.at("cases")) {
    names.insert(test_case.at("name"));
    SCOPED_TRACE(op() + " on " + isa().name + ", case " + test_case.at("name").get<std::string>());
    expect_case(context, test_case);
  }
  for (const Difference &d : differences())
    EXPECT_TRUE(d.op != op() || names.count(d.test_case)) << op() << " has no case " << d.test_case;
}

}  // namespace
}  // namespace kiln::test
