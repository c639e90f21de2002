// Zeros, infinities, NaN and subnormal numbers through elementwise operators.
#include <cmath>
#include <limits>
#include <map>

#include "oracle/oracle.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kSmallest = 0x1p-149f;
constexpr float kLargest = std::numeric_limits<float>::max();

class ElementwiseSpecials : public ElementwiseTest {
 protected:
  std::vector<float> run(kiln_accuracy accuracy, const std::vector<float> &inputs) {
    Context context;
    context.isa(isa().name).accuracy(accuracy);
    return run_dense(op(), context, inputs);
  }
  std::string where(kiln_accuracy accuracy, size_t index, float input) {
    return std::string(op().name) + ' ' + name_of(accuracy) + " on " + isa().name + ", index " + std::to_string(index) +
           ", input " + show(input);
  }
};
KILN_EACH_OPERATOR_AND_ISA(ElementwiseSpecials);

// A NaN of any sign and payload, quiet or signalling, gives the one pattern, at every place of a vector and its tail.
TEST_P(ElementwiseSpecials, EveryNanGivesOnePattern) {
  std::vector<float> inputs;
  for (uint32_t sign : {0u, 0x80000000u})
    for (uint32_t payload = 1; payload < 0x00800000; payload += 8191)
      inputs.push_back(from_bits(sign | 0x7f800000 | payload));
  inputs.push_back(from_bits(0xffffffff));
  for (kiln_accuracy accuracy : op().accuracies) {
    const std::vector<float> results = run(accuracy, inputs);
    for (size_t i = 0; i < inputs.size(); ++i)
      ASSERT_EQ(bits_of(results[i]), kNanBits) << where(accuracy, i, inputs[i]) << ": got " << show(results[i]);
  }
}

// A NaN does not reach its neighbours.
TEST_P(ElementwiseSpecials, NanStaysWhereItIs) {
  for (kiln_accuracy accuracy : op().accuracies) {
    const std::vector<float> plain = run(accuracy, std::vector<float>(67, 0.75f));
    for (size_t at = 0; at < plain.size(); ++at) {
      std::vector<float> inputs(plain.size(), 0.75f), expected = plain;
      inputs[at] = from_bits(0xffc12345);
      expected[at] = from_bits(kNanBits);
      ASSERT_TRUE(same_bits(expected, run(accuracy, inputs), inputs)) << where(accuracy, at, inputs[at]);
    }
  }
}

// Whatever the oracle says of specials, in kind and sign; and where the result is NaN, its pattern.
TEST_P(ElementwiseSpecials, GoWhereTheOracleSendsThem) {
  const std::vector<float> inputs = special_values();
  const oracle::ElementwiseOracle &oracle = oracle::elementwise_oracle(op().name);
  for (kiln_accuracy accuracy : op().accuracies) {
    const std::vector<float> results = run(accuracy, inputs);
    for (size_t i = 0; i < inputs.size(); ++i) {
      const double expected = oracle.value(inputs[i]);
      const std::string place = where(accuracy, i, inputs[i]) + ": got " + show(results[i]);
      if (std::isnan(expected)) {
        EXPECT_EQ(bits_of(results[i]), kNanBits) << place;
      } else {
        EXPECT_EQ(std::isinf(results[i]), std::isinf(static_cast<float>(expected))) << place;
        EXPECT_EQ(std::signbit(results[i]), std::signbit(expected)) << place;
      }
    }
  }
}

// What the definitions give exactly, by hand: independent of the oracle.
TEST_P(ElementwiseSpecials, HaveTheValuesOfTheDefinition) {
  struct Row {
    float input, output;
  };
  const float nan = from_bits(kNanBits);
  const std::map<std::string, std::vector<Row>> table = {
      {"tanh",
       {{0, 0},
        {-0.0f, -0.0f},
        {kInfinity, 1},
        {-kInfinity, -1},
        {kLargest, 1},
        {-kLargest, -1},
        {kSmallest, kSmallest},
        {-kSmallest, -kSmallest},
        {0x1.fffffcp-127f, 0x1.fffffcp-127f},
        {0x1p-126f, 0x1p-126f},
        {10, 1},
        {-10, -1}}},
      {"sigmoid",
       {{0, 0.5f},
        {-0.0f, 0.5f},
        {kInfinity, 1},
        {-kInfinity, 0},
        {kLargest, 1},
        {-kLargest, 0},
        {kSmallest, 0.5f},
        {-kSmallest, 0.5f},
        {-110, 0},
        {18, 1}}},
      {"hardsigmoid",
       {{0, 0.5f},
        {-0.0f, 0.5f},
        {kInfinity, 1},
        {-kInfinity, 0},
        {kLargest, 1},
        {-kLargest, 0},
        {3, 1},
        {-3, 0},
        {-4, 0},
        {4, 1},
        {kSmallest, 0.5f},
        {1.5f, 0.75f},
        {-1.5f, 0.25f}}},
      {"silu",
       {{0, 0},
        {-0.0f, -0.0f},
        {kInfinity, kInfinity},
        {-kInfinity, nan},
        {kLargest, kLargest},
        {-kLargest, -0.0f},
        {-150, -0.0f},
        {0x1p-100f, 0x1p-101f},
        {30, 30}}},
      {"mish",
       {{0, 0},
        {-0.0f, -0.0f},
        {kInfinity, kInfinity},
        {-kInfinity, nan},
        {kLargest, kLargest},
        {-kLargest, -0.0f},
        {-150, -0.0f},
        {30, 30}}},
      {"softplus",
       {{0, 0x1.62e43p-1f},
        {-0.0f, 0x1.62e43p-1f},
        {kInfinity, kInfinity},
        {-kInfinity, 0},
        {kLargest, kLargest},
        {-kLargest, 0},
        {kSmallest, 0x1.62e43p-1f},
        {-kSmallest, 0x1.62e43p-1f},
        {-150, 0},
        {30, 30}}},
  };
  const auto rows = table.find(op().name);
  if (rows == table.end()) GTEST_SKIP() << "no values by hand for " << op().name;
  for (kiln_accuracy accuracy : op().accuracies) {
    for (size_t i = 0; i < rows->second.size(); ++i) {
      const Row &row = rows->second[i];
      const float got = run(accuracy, {row.input})[0];
      if (accuracy == KILN_ACCURACY_FAST && std::fabs(row.output) < 0x1p-126f && got == 0) continue;
      EXPECT_EQ(bits_of(got), bits_of(row.output))
          << where(accuracy, i, row.input) << ": got " << show(got) << ", expected " << show(row.output);
    }
  }
}

// Results below 2^-126 are kept, not flushed: the inputs reach far into them.
TEST_P(ElementwiseSpecials, SubnormalResultsAreKept) {
  const oracle::ElementwiseOracle &oracle = oracle::elementwise_oracle(op().name);
  std::vector<float> inputs;
  for (int k = 0; k < 23; ++k)
    for (float sign : {1.0f, -1.0f}) inputs.push_back(sign * std::ldexp(1.5f, -148 + k));
  for (float x = -103; x < -87.5f; x += 0.25f) inputs.push_back(x);
  const std::vector<float> results = run(KILN_ACCURACY_EXACT, inputs);
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (std::fabs(oracle.value(inputs[i])) <= 0x1p-149) continue;
    EXPECT_NE(results[i], 0) << where(KILN_ACCURACY_EXACT, i, inputs[i]);
  }
}

}  // namespace
}  // namespace kiln::test
