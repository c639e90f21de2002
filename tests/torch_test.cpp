// Results against those that PyTorch made (scripts/make_torch_reference.py): values, where NaN and infinities go, and
// which arguments are errors.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "oracle/ulp.h"
#include "support/layer_norm.h"
#include "support/operators.h"

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

double read_scalar(const Json &arguments, const char *name, double otherwise) {
  if (!arguments.contains(name)) return otherwise;
  const Json &value = arguments.at(name);
  return value.is_string() ? std::strtod(value.get<std::string>().c_str(), nullptr) : value.get<double>();
}

std::vector<float> read_optional(const Json &inputs, const char *name) {
  return inputs.contains(name) ? read_values(inputs.at(name)).data : std::vector<float>();
}

// How far an output may lie from PyTorch's float64 result, given the inputs.
using Judge =
    std::function<::testing::AssertionResult(const std::vector<float> &expected, const std::vector<float> &actual)>;

struct Outcome {
  kiln_status status;
  std::vector<float> output;
  Judge judge;
};

// The expected value was rounded to float32: half an ULP on top of the operator's bound.
Outcome run_pointwise(const kiln_context *context, const PointwiseOperator &op, const Json &test_case) {
  const Values input = read_values(test_case.at("inputs").at("input"));
  Array from(dense(input.shape), input.data), to(dense(input.shape));
  const DLTensor in = from.tensor();
  DLTensor out = to.tensor();
  const kiln_status status = op.run(context, &in, &out);
  const auto judge = [input](const std::vector<float> &expected, const std::vector<float> &actual) {
    for (size_t i = 0; i < expected.size(); ++i)
      if (!(oracle::ulp_error(actual[i], expected[i]) <= 1.5))
        return ::testing::AssertionFailure() << "index " << i << ", input " << show(input.data[i]) << ": expected "
                                             << show(expected[i]) << ", got " << show(actual[i]);
    return ::testing::AssertionSuccess();
  };
  return {status, to.get(), judge};
}

// weight and bias have the shapes of the case, which may be wrong ones.
Outcome run_layer_norm_case(const kiln_context *context, const Json &test_case) {
  const Json &inputs = test_case.at("inputs"), &given = test_case.at("arguments");
  const Values input = read_values(inputs.at("input"));
  const LayerNormArguments arguments{given.at("normalized_shape").get<Extents>(), read_optional(inputs, "weight"),
                                     read_optional(inputs, "bias"), read_scalar(given, "eps", 1e-5)};
  Array from(dense(input.shape), input.data), to(dense(input.shape));
  std::vector<std::unique_ptr<Array>> parameters;
  std::vector<DLTensor> tensors(2);
  const auto parameter = [&](const char *name, DLTensor *tensor) -> const DLTensor * {
    if (!inputs.contains(name)) return nullptr;
    const Values values = read_values(inputs.at(name));
    parameters.push_back(std::make_unique<Array>(dense(values.shape), values.data));
    *tensor = parameters.back()->tensor();
    return tensor;
  };
  const DLTensor in = from.tensor(), *weight = parameter("weight", &tensors[0]), *bias = parameter("bias", &tensors[1]);
  DLTensor out = to.tensor();
  const kiln_status status = layer_norm(context, &in, arguments, weight, bias, &out);
  const auto judge = [input, arguments](const std::vector<float> &expected, const std::vector<float> &actual) {
    std::vector<oracle::Normalized> results = layer_norm_oracle(input.data, arguments);
    for (size_t i = 0; i < expected.size(); ++i) {
      if (!std::isfinite(expected[i])) results[i].magnitude = 1;
      results[i].value = expected[i];
    }
    return near_oracle(results, actual, 1e-6 + 0x1p-24);
  };
  return {status, to.get(), judge};
}

// What Kiln refuses on purpose where PyTorch goes on (docs/numerics.md).
bool refused_on_purpose(const std::string &op, const Json &arguments) {
  return op == "layer_norm" && !(read_scalar(arguments, "eps", 1e-5) >= 0);
}

// One row an operator that has a file in tests/data/torch: how its cases are run.
std::map<std::string, std::function<Outcome(const kiln_context *, const Json &)>> runners() {
  std::map<std::string, std::function<Outcome(const kiln_context *, const Json &)>> all;
  for (const PointwiseOperator &op : pointwise_operators())
    all[op.name] = [&op](const kiln_context *context, const Json &test_case) {
      return run_pointwise(context, op, test_case);
    };
  all["layer_norm"] = run_layer_norm_case;
  return all;
}

// Operators that must have a file. A new elementwise operator may come without.
const std::set<std::string> &required() {
  static const std::set<std::string> names = {"tanh", "sigmoid", "hardsigmoid", "silu", "mish", "layer_norm"};
  return names;
}

// Operators of operators.def: each needs a runner above.
std::vector<std::string> operators() {
  return {
#define KILN_POINTWISE(name, accuracies, formula) #name,
#define KILN_NORMALIZATION(name, forms, formula) #name,
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
  const auto run = runners()[op()];
  ASSERT_TRUE(run) << "torch_test.cpp has no runner for " << op();
  Context context;
  context.isa(isa().name);
  for (const Json &test_case : data.at("cases")) {
    SCOPED_TRACE(op() + " on " + isa().name + ", case " + test_case.at("name").get<std::string>());
    const Outcome outcome = run(context, test_case);
    if (test_case.contains("error") || refused_on_purpose(op(), test_case.at("arguments"))) {
      EXPECT_EQ(outcome.status, KILN_STATUS_INVALID_ARGUMENT);
      for (float element : outcome.output) ASSERT_EQ(bits_of(element), kCanaryBits) << "the output was written";
      continue;
    }
    ASSERT_TRUE(succeeded(outcome.status));
    EXPECT_TRUE(outcome.judge(read_values(test_case.at("outputs").at("output")).data, outcome.output));
  }
}

}  // namespace
}  // namespace kiln::test
