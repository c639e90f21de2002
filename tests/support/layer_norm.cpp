#include "support/layer_norm.h"

#include <algorithm>
#include <cmath>

#include "oracle/ulp.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::test {

kiln_status layer_norm(const kiln_context *context, const DLTensor *input, const LayerNormArguments &arguments,
                       const DLTensor *weight, const DLTensor *bias, DLTensor *output) {
  return kiln_layer_norm(context, input, arguments.normalized_shape.data(),
                         static_cast<int>(arguments.normalized_shape.size()), weight, bias, arguments.eps, output);
}

kiln_status layer_norm(const kiln_context *context, Array &input, const LayerNormArguments &arguments, Array &output) {
  Parameter weight(arguments.normalized_shape, arguments.weight), bias(arguments.normalized_shape, arguments.bias);
  const DLTensor in = input.tensor();
  DLTensor out = output.tensor();
  return layer_norm(context, &in, arguments, weight.get(), bias.get(), &out);
}

std::vector<float> run_layer_norm(const kiln_context *context, const Extents &shape, const std::vector<float> &inputs,
                                  const LayerNormArguments &arguments) {
  Array input(dense(shape), inputs), output(dense(shape));
  EXPECT_TRUE(succeeded(layer_norm(context, input, arguments, output)));
  EXPECT_TRUE(output.surroundings_untouched());
  EXPECT_TRUE(same_bits(inputs, input.get())) << "the input was written";
  return output.get();
}

std::vector<float> layer_norm_reference_bits(const Extents &shape, const std::vector<float> &inputs,
                                             const LayerNormArguments &arguments) {
  Context context;
  context.isa(baseline().name).threads(1);
  return run_layer_norm(context, shape, inputs, arguments);
}

std::vector<oracle::Normalized> layer_norm_oracle(const std::vector<float> &inputs,
                                                  const LayerNormArguments &arguments) {
  int64_t length = 1;
  for (int64_t extent : arguments.normalized_shape) length *= extent;
  const auto data = [](const std::vector<float> &values) { return values.empty() ? nullptr : values.data(); };
  return oracle::layer_norm(inputs.data(), length == 0 ? 0 : static_cast<int64_t>(inputs.size()) / length, length,
                            data(arguments.weight), data(arguments.bias), arguments.eps);
}

::testing::AssertionResult near_oracle(const std::vector<oracle::Normalized> &expected,
                                       const std::vector<float> &actual, double tolerance) {
  if (expected.size() != actual.size())
    return ::testing::AssertionFailure() << expected.size() << " elements expected, " << actual.size() << " came";
  for (size_t i = 0; i < expected.size(); ++i) {
    const double value = expected[i].value, ulps = oracle::ulp_error(actual[i], value);
    const bool near = std::isfinite(value) && std::fabs(actual[i] - value) <= tolerance * expected[i].magnitude;
    const bool right = std::isnan(value) ? bits_of(actual[i]) == kNanBits : ulps <= 0.5 + 1e-6 || near;
    if (!right)
      return ::testing::AssertionFailure()
             << "index " << i << ": expected " << show(static_cast<float>(value)) << ", got " << show(actual[i]) << ", "
             << ulps << " ULP, " << std::fabs(actual[i] - value) / expected[i].magnitude << " of the magnitude, where "
             << tolerance << " is allowed";
  }
  return ::testing::AssertionSuccess();
}

::testing::AssertionResult near_relatively(const std::vector<oracle::Normalized> &expected,
                                           const std::vector<float> &actual) {
  double square = 0;
  for (const oracle::Normalized &r : expected) square += r.value * r.value;
  const double absolute = 5e-7 * std::sqrt(square / static_cast<double>(expected.size()));
  for (size_t i = 0; i < expected.size(); ++i) {
    const double value = expected[i].value, ulps = oracle::ulp_error(actual[i], value);
    if (!(std::fabs(actual[i] - value) <= absolute) && !(ulps <= 8))
      return ::testing::AssertionFailure() << "index " << i << ": expected " << show(static_cast<float>(value))
                                           << ", got " << show(actual[i]) << ", " << ulps << " ULP";
  }
  return ::testing::AssertionSuccess();
}

std::vector<Rows> hard_rows(int64_t length) {
  std::vector<Rows> all;
  for (double mean : {0.0, 1.0, -30.0, 1e3, -1e6}) {
    all.push_back({"random, mean " + std::to_string(mean), normal_values(2 * length, 11, mean, 1), 5e-7});
    all.push_back(
        {"random, deviation 1e-3, mean " + std::to_string(mean), normal_values(length, 12, mean * 1e-3, 1e-3), 5e-7});
  }
  const auto fill = [&](const char *name, auto value) {
    std::vector<float> values(length);
    for (int64_t i = 0; i < length; ++i) values[i] = static_cast<float>(value(i));
    all.push_back({name, std::move(values), 1e-6});
  };
  fill("constant 3.3", [](int64_t) { return 3.3; });
  fill("constant -1e6", [](int64_t) { return -1e6; });
  fill("constant 1e30", [](int64_t) { return 1e30; });
  fill("constant subnormal", [](int64_t) { return 1e-40; });
  fill("two-valued", [](int64_t i) { return i % 3 == 0 ? 1.25 : 1.26; });
  fill("alternating", [](int64_t i) { return i % 2 == 0 ? 1e4 : -1e4; });
  fill("alternating around a large mean", [](int64_t i) { return 1e6 + (i % 2); });
  fill("sorted", [&](int64_t i) { return static_cast<double>(i) / static_cast<double>(length); });
  fill("sorted around a large mean", [](int64_t i) { return 1e5 + static_cast<double>(i); });
  fill("one outlier", [&](int64_t i) { return i == length / 2 ? 1e4 : 1e-2 * static_cast<double>(i % 7); });
  fill("outlier first", [](int64_t i) { return i == 0 ? -1e6 : 1.0 + 1e-3 * static_cast<double>(i % 5); });
  return all;
}

}  // namespace kiln::test
