// The reference of the gradients of normalizations: examples by hand, differences of the operators' reference, inputs
// moved far away and scaled, and PyTorch's autograd in float64 (scripts/make_torch_reference.py).
#include <algorithm>
#include <cmath>
#include <numeric>

#include "oracle/moments.h"
#include "support/expectations.h"
#include "support/gradients.h"
#include "support/inputs.h"
#include "support/torch_gradients.h"
#include "torch_differences.h"

namespace kiln::test {
namespace {

using oracle::Gradients;
using oracle::Normalized;

// Each value within `tolerance` of the expected one's magnitude.
void expect_near(const std::vector<Normalized> &expected, const std::vector<double> &values, double tolerance,
                 const std::string &name) {
  ASSERT_EQ(expected.size(), values.size()) << name;
  for (size_t i = 0; i < values.size(); ++i) {
    if (expected[i].value == values[i] || (std::isnan(expected[i].value) && std::isnan(values[i]))) continue;
    EXPECT_NEAR(expected[i].value, values[i], tolerance * expected[i].magnitude) << name << " at " << i;
  }
}

std::vector<double> values_of(const std::vector<Normalized> &all, double factor = 1) {
  std::vector<double> values;
  for (const Normalized &element : all) values.push_back(factor * element.value);
  return values;
}

void expect_near(const Gradients &expected, const Gradients &actual, double tolerance, double factor = 1) {
  expect_near(expected.grad_input, values_of(actual.grad_input, factor), tolerance, "grad_input");
  expect_near(expected.grad_weight, values_of(actual.grad_weight), tolerance, "grad_weight");
  expect_near(expected.grad_bias, values_of(actual.grad_bias), tolerance, "grad_bias");
}

TEST(GradientOracle, GivesTheExamplesByHand) {
  for (const GradientExample &e : gradient_examples()) {
    SCOPED_TRACE(show(e.operation));
    const Gradients found = gradients_of(e.operation, e.shape, e.grad_output, e.input);
    expect_near(found.grad_input, e.grad_input, 1e-15, "grad_input");
    expect_near(found.grad_weight, e.grad_weight, 1e-15, "grad_weight");
    expect_near(found.grad_bias, e.grad_bias, 1e-15, "grad_bias");
  }
}

// Of random signs and order, with magnitudes of 1/2, 9/16, 5/8 and so on: far from kinks, at 0 and where the largest or
// the smallest is another one, and float32 holds them with a small step more or less.
std::vector<float> movable_values(int64_t count, uint64_t seed) {
  const std::vector<float> random = normal_values(count, seed);
  std::vector<size_t> order(random.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return std::fabs(random[a]) < std::fabs(random[b]); });
  std::vector<float> values(random.size());
  for (size_t k = 0; k < order.size(); ++k)
    values[order[k]] = std::copysign(0.5f + static_cast<float>(k) / 16, random[order[k]]);
  return values;
}

class OracleOfGradient : public ::testing::TestWithParam<std::string> {
 protected:
  static constexpr double kStep = 0x1p-6;

  // check(operation) for samples of the operator's arguments, with weights and biases where there may be.
  template <class Check>
  void for_each(const Check &check) const {
    for (Operation operation : samples_of(GetParam(), shape_)) {
      for (const char *name : {"weight", "bias"})
        if (operation.has(name))
          operation.values(name) = movable_values(dense(operation.shape_of(name, shape_)).count(), 62);
      SCOPED_TRACE(show(operation));
      check(operation);
    }
  }
  // sum(grad_output * output).
  double loss(const Operation &operation) const {
    const std::vector<Normalized> outputs = oracle_of(operation, shape_, input_).output;
    oracle::Sum sum;
    for (size_t i = 0; i < outputs.size(); ++i) sum.add(grad_output_[i] * outputs[i].value);
    return sum.value();
  }
  // The derivative of the loss with respect to a value: differences over three steps, extrapolated to a step of 0; the
  // error is some step^6.
  double derivative(const Operation &operation, float &value) const {
    double slope[3];
    const float at = value;
    for (int k = 0; k < 3; ++k) {
      const double step = std::ldexp(kStep, -k);
      value = static_cast<float>(at + step);
      const double above = loss(operation);
      value = static_cast<float>(at - step);
      slope[k] = (above - loss(operation)) / (2 * step);
      value = at;
    }
    const double first = (4 * slope[1] - slope[0]) / 3, second = (4 * slope[2] - slope[1]) / 3;
    return (16 * second - first) / 15;
  }
  std::vector<double> derivatives(const Operation &operation, std::vector<float> &values) const {
    std::vector<double> all;
    for (float &value : values) all.push_back(derivative(operation, value));
    return all;
  }

  const Extents shape_ = {3, 4, 5};
  const std::vector<float> grad_output_ = normal_values(60, 60, 0.3, 1);
  std::vector<float> input_ = movable_values(60, 61);
};
INSTANTIATE_TEST_SUITE_P(Each, OracleOfGradient, ::testing::ValuesIn(normalizations()),
                         [](const auto &info) { return info.param; });

TEST_P(OracleOfGradient, IsTheDerivativeOfTheOperator) {
  for_each([&](Operation operation) {
    const Gradients expected = gradients_of(operation, shape_, grad_output_, input_);
    expect_near(expected.grad_input, derivatives(operation, input_), 1e-8, "grad_input");
    if (!operation.has("weight")) return;
    expect_near(expected.grad_weight, derivatives(operation, operation.values("weight")), 1e-9, "grad_weight");
    if (operation.has("bias"))
      expect_near(expected.grad_bias, derivatives(operation, operation.values("bias")), 1e-9, "grad_bias");
  });
}

// Inputs times a power of 2, with eps to match: the gradients are as many times smaller. Where running statistics
// serve, float32 has no square of the power.
TEST_P(OracleOfGradient, ScalesWithTheInput) {
  for_each([&](Operation operation) {
    const bool response = operation.is("local_response_norm");
    if (operation.has_statistics() && !operation.of_batch()) return;
    if (operation.is("normalize") && operation["p"].real == 0) return;  // a count has no scale
    const Gradients expected = gradients_of(operation, shape_, grad_output_, input_);
    for (int power : {-100, 100}) {
      std::vector<float> scaled = input_;
      for (float &value : scaled) value = std::ldexp(value, power);
      Operation n = operation;
      if (response)
        n["alpha"] = std::ldexp(n["alpha"].real, -2 * power);
      else
        n["eps"] = std::ldexp(n["eps"].real, operation.is("normalize") ? power : 2 * power);
      expect_near(expected, gradients_of(n, shape_, grad_output_, scaled), 1e-14,
                  response ? 1 : std::ldexp(1.0, power));
    }
  });
}

// A mean of a million deviations changes nothing: float32 holds each sum.
TEST_P(OracleOfGradient, LosesNothingToALargeMean) {
  if (GetParam() == "rms_norm" || GetParam() == "normalize" || GetParam() == "local_response_norm") return;
  for_each([&](Operation operation) {
    if (operation.has_statistics() && !operation.of_batch()) return;
    std::vector<float> near = input_, far = input_;
    for (size_t i = 0; i < near.size(); ++i) near[i] = std::round(4 * near[i]) / 4, far[i] = near[i] + 0x1p21f;
    expect_near(gradients_of(operation, shape_, grad_output_, near), gradients_of(operation, shape_, grad_output_, far),
                1e-9);
  });
}

// Autograd's results of float64, whose own sums lose more than the reference's.
TEST_P(OracleOfGradient, HasTheResultsOfPyTorch) {
  const std::vector<TorchGradient> cases = torch_gradients(GetParam());
  ASSERT_FALSE(cases.empty()) << "run scripts/make_torch_reference.py " << GetParam() << "_backward";
  for (const TorchGradient &c : cases) {
    if (difference(GetParam() + "_backward", c.name)) continue;
    SCOPED_TRACE(c.name);
    const Gradients found = gradients_of(c.operation, c.shape, c.grad_output, c.input);
    expect_near(found.grad_input, c.grad_input, c.tolerance, "grad_input");
    if (!c.grad_weight.empty()) expect_near(found.grad_weight, c.grad_weight, c.tolerance, "grad_weight");
    if (!c.grad_bias.empty()) expect_near(found.grad_bias, c.grad_bias, c.tolerance, "grad_bias");
  }
}

TEST(GradientOracle, OfNothing) {
  const Gradients rows = gradients_of(layer_norm({3}), {0, 3}, {}, {});
  EXPECT_TRUE(rows.grad_input.empty());
  EXPECT_EQ(values_of(rows.grad_weight), std::vector<double>(3, 0));
  EXPECT_EQ(values_of(rows.grad_bias), std::vector<double>(3, 0));
}

}  // namespace
}  // namespace kiln::test
