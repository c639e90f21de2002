// Zeros, infinities, NaN and subnormal numbers through elementwise operators.
#include <cmath>

#include "oracle/oracle.h"
#include "support/inputs.h"
#include "support/operators.h"
#include "support/values_by_hand.h"

namespace kiln::test {
namespace {

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
  // Of a NaN: NaN, but for gradients whose PyTorch's are a number.
  uint32_t bits_of_nan() const {
    const double result = oracle::elementwise_oracle(op().name).value(std::nan(""));
    return std::isnan(result) ? kNanBits : bits_of(static_cast<float>(result));
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
      ASSERT_EQ(bits_of(results[i]), bits_of_nan()) << where(accuracy, i, inputs[i]) << ": got " << show(results[i]);
  }
}

// A NaN does not reach its neighbours.
TEST_P(ElementwiseSpecials, NanStaysWhereItIs) {
  for (kiln_accuracy accuracy : op().accuracies) {
    const std::vector<float> plain = run(accuracy, std::vector<float>(67, 0.75f));
    for (size_t at = 0; at < plain.size(); ++at) {
      std::vector<float> inputs(plain.size(), 0.75f), expected = plain;
      inputs[at] = from_bits(0xffc12345);
      expected[at] = from_bits(bits_of_nan());
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
  const ValuesByHand *const by_hand = find_values_by_hand(op().name);
  ASSERT_TRUE(by_hand && !by_hand->specials.empty()) << what_to_do_by_hand(op().name);
  for (kiln_accuracy accuracy : op().accuracies) {
    for (size_t i = 0; i < by_hand->specials.size(); ++i) {
      const float input = static_cast<float>(by_hand->specials[i].input);
      const float output = static_cast<float>(by_hand->specials[i].output), got = run(accuracy, {input})[0];
      if (accuracy == KILN_ACCURACY_FAST && std::fabs(output) < 0x1p-126f && got == 0) continue;
      EXPECT_EQ(bits_of(got), bits_of(output))
          << where(accuracy, i, input) << ": got " << show(got) << ", expected " << show(output);
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
