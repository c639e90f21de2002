// The reference itself: float64 against MPFR at 200 bits, the documentation's worked examples, and the measure of
// error.
#include "oracle/oracle.h"

#include <cmath>
#include <limits>

#include "oracle/moments.h"
#include "oracle/ulp.h"
#include "support/expectations.h"
#include "support/inputs.h"
#include "support/near.h"
#include "support/operators.h"
#include "support/values_by_hand.h"

namespace kiln::test {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

class Oracle : public ::testing::TestWithParam<oracle::ElementwiseOracle> {};
INSTANTIATE_TEST_SUITE_P(Each, Oracle, ::testing::ValuesIn(oracle::elementwise_oracles()),
                         [](const auto &info) { return info.param.name; });

// float64 and MPFR agree to 2e-15 wherever the result is a normal double, in zeros' signs, and in what is not finite.
TEST_P(Oracle, DoubleAgreesWithMpfr) {
  mpfr_t input, result, difference;
  mpfr_init2(input, 24);
  mpfr_init2(result, 200);
  mpfr_init2(difference, 200);
  std::vector<float> inputs = threshold_values();
  const int64_t mixed = 20000 / static_cast<int64_t>(thinning());
  for (const std::vector<float> &more :
       {special_values(), every_pattern(65537 * 3 * thinning()), mixed_values(mixed, 91)})
    inputs.insert(inputs.end(), more.begin(), more.end());
  for (float x : inputs) {
    mpfr_set_flt(input, x, MPFR_RNDN);
    GetParam().exact(result, input);
    const double value = GetParam().value(x), exact = mpfr_get_d(result, MPFR_RNDN);
    const std::string place = std::string(GetParam().name) + " of " + show(x);
    ASSERT_EQ(std::isnan(value), std::isnan(exact)) << place;
    if (std::isnan(exact)) continue;
    ASSERT_EQ(std::signbit(value), std::signbit(exact)) << place;
    if (!std::isfinite(exact) || std::fabs(exact) < std::numeric_limits<double>::min()) {
      ASSERT_TRUE(value == exact || std::fabs(value - exact) < 1e-300) << place << ": " << value << ", MPFR " << exact;
      continue;
    }
    mpfr_sub_d(difference, result, value, MPFR_RNDN);
    ASSERT_LE(std::fabs(mpfr_get_d(difference, MPFR_RNDN)), 2e-15 * std::fabs(exact)) << place;
  }
  mpfr_clear(input);
  mpfr_clear(result);
  mpfr_clear(difference);
}

// MPFR at 100 and at 300 bits agree to 2^-99: the working precision is enough.
TEST_P(Oracle, MpfrKeepsItsPrecision) {
  mpfr_t input, low, high;
  mpfr_init2(input, 24);
  mpfr_init2(low, 100);
  mpfr_init2(high, 300);
  for (float x : threshold_values()) {
    mpfr_set_flt(input, x, MPFR_RNDN);
    GetParam().exact(low, input);
    GetParam().exact(high, input);
    if (!mpfr_number_p(high) || mpfr_zero_p(high)) continue;
    mpfr_sub(low, low, high, MPFR_RNDN);
    mpfr_div(low, low, high, MPFR_RNDN);
    ASSERT_LE(std::fabs(mpfr_get_d(low, MPFR_RNDN)), 0x1p-99) << GetParam().name << " of " << show(x);
  }
  mpfr_clear(input);
  mpfr_clear(low);
  mpfr_clear(high);
}

// A gradient's derivative is that of its operator: by central differences, which are off by some h^2.
TEST_P(Oracle, IsTheDerivativeOfTheOperator) {
  const std::string name = GetParam().name;
  const size_t end = name.find("_backward");
  if (end == std::string::npos) return;
  const oracle::ElementwiseOracle &forward = oracle::elementwise_oracle(name.substr(0, end).c_str());
  mpfr_t x, above, below, derivative;
  for (mpfr_ptr number : {x, above, below, derivative}) mpfr_init2(number, 400);
  const std::vector<float> inputs = normal_values(600 / static_cast<int64_t>(thinning()), 92, 0, 8);
  for (float input : inputs) {
    mpfr_set_flt(x, input, MPFR_RNDN);
    GetParam().exact(derivative, x);
    mpfr_add_d(below, x, -0x1p-80, MPFR_RNDN);
    mpfr_add_d(x, x, 0x1p-80, MPFR_RNDN);
    forward.exact(above, x);
    forward.exact(x, below);
    mpfr_sub(above, above, x, MPFR_RNDN);
    mpfr_mul_2si(above, above, 79, MPFR_RNDN);
    mpfr_sub(above, above, derivative, MPFR_RNDN);
    EXPECT_LE(std::fabs(mpfr_get_d(above, MPFR_RNDN)), 1e-40) << name << " at " << show(input);
  }
  for (mpfr_ptr number : {x, above, below, derivative}) mpfr_clear(number);
}

// To four digits, as the operators' documentation prints them.
TEST_P(Oracle, GivesTheWorkedExamples) {
  const ValuesByHand *const by_hand = find_values_by_hand(GetParam().name);
  ASSERT_TRUE(by_hand && !by_hand->examples.empty()) << what_to_do_by_hand(GetParam().name);
  for (const auto &[x, y] : by_hand->examples)
    EXPECT_NEAR(GetParam().value(x), y, 5.1e-5) << GetParam().name << " of " << x;
}

class OracleOfNormalization : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Each, OracleOfNormalization, ::testing::ValuesIn(normalizations()),
                         [](const auto &info) { return info.param; });

// What was worked out by hand; the library's results are near it, too.
TEST_P(OracleOfNormalization, GivesTheWorkedExample) {
  const auto example = expectation_of(GetParam()).example;
  ASSERT_TRUE(example) << "add a call of " << GetParam()
                       << " with results by hand to its entry in tests/support/expectations.cpp";
  const auto &[operation, shape, inputs, outputs] = example();
  ASSERT_EQ(operation.name(), GetParam());
  oracle::WithStatistics expected = oracle_of(operation, shape, inputs);
  ASSERT_EQ(expected.output.size(), outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    EXPECT_NEAR(expected.output[i].value, outputs[i], 1e-14 * std::fabs(outputs[i])) << "index " << i;
    expected.output[i].value = outputs[i];
  }
  EXPECT_TRUE(near_oracle(operation, expected, run_dense(nullptr, operation, shape, inputs), 1e-6));
}

TEST(OracleTable, HasEachOperatorOnce) {
  std::vector<std::string> names, expected;
  for (const oracle::ElementwiseOracle &oracle : oracle::elementwise_oracles()) {
    names.push_back(oracle.name);
    EXPECT_EQ(oracle::elementwise_oracle(oracle.name).value, oracle.value);
  }
  for (const auto *all : {&elementwise_operators(), &elementwise_gradients()})
    for (const ElementwiseOperator &op : *all) expected.push_back(op.name);
  EXPECT_EQ(names, expected);
}

TEST(OracleMoments, OfHardSequences) {
  const auto of = [](std::vector<double> x) {
    return oracle::moments(static_cast<int64_t>(x.size()), [&](int64_t i) { return x[i]; });
  };
  EXPECT_EQ(of({3.3f, 3.3f, 3.3f, 3.3f, 3.3f, 3.3f, 3.3f}).mean, 3.3f);
  EXPECT_EQ(of({3.3f, 3.3f, 3.3f, 3.3f, 3.3f, 3.3f, 3.3f}).variance, 0);
  EXPECT_EQ(of({1e8, 1e8 + 1, 1e8 + 2}).mean, 1e8 + 1);
  EXPECT_NEAR(of({1e8, 1e8 + 1, 1e8 + 2}).variance, 2.0 / 3, 1e-15);
  EXPECT_EQ(of({0x1p127, -0x1p127, 1, -1}).mean, 0);
  EXPECT_NEAR(of({0x1p-149, 0}).variance / 0x1p-300, 1, 1e-15);
  EXPECT_TRUE(std::isnan(of({1, kInfinity}).variance));
}

// The example of the documentation: (2, 5, 10) over (5, 10); each row then has mean 0 and variance 1 - eps / (var +
// eps).
TEST(OracleLayerNorm, StandardizesEachRow) {
  const std::vector<float> inputs = normal_values(100, 92, 7, 3);
  const std::vector<oracle::Normalized> results = oracle_of(layer_norm({5, 10}, {}, {}, 0), {2, 5, 10}, inputs).output;
  for (int row = 0; row < 2; ++row) {
    const oracle::Moments m = oracle::moments(50, [&](int64_t i) { return results[row * 50 + i].value; });
    EXPECT_NEAR(m.mean, 0, 1e-15);
    EXPECT_NEAR(m.variance, 1, 1e-14);
  }
  const WorkedExample by_hand = expectation_of("layer_norm").example();
  EXPECT_EQ(oracle_of(by_hand.operation, by_hand.shape, by_hand.inputs).output[1].magnitude, 24);
}

TEST(Ulp, OfNumbers) {
  EXPECT_EQ(oracle::ulp(1), 0x1p-23);
  EXPECT_EQ(oracle::ulp(0x1.fffffffp0), 0x1p-23);
  EXPECT_EQ(oracle::ulp(2), 0x1p-22);
  EXPECT_EQ(oracle::ulp(-0.75), 0x1p-24);
  for (double tiny : {0x1p-126, 0x1p-130, 0x1p-149, 0x1p-200, 0.0}) EXPECT_EQ(oracle::ulp(tiny), 0x1p-149) << tiny;
}

TEST(Ulp, Errors) {
  const float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const float largest = std::numeric_limits<float>::max();
  struct Row {
    float y;
    double r, error;
  };
  for (const Row &row : std::vector<Row>{{1, 1, 0},
                                         {1, 1 + 0x1p-24, 0.5},
                                         {1 + 0x1p-23f, 1, 1},
                                         {1, 2 - 0x1p-24, 0x1p23 - 0.5},
                                         {0, 0x1p-150, 0.5},
                                         {0x1p-149f, 0, 1},
                                         {-0x1p-149f, 0x1p-149, 2},
                                         {0, 0x1p-126, 0x1p23},
                                         {-0.0f, 0, 0},
                                         {nan, std::nan(""), 0},
                                         {nan, 1, kInfinity},
                                         {1, std::nan(""), kInfinity},
                                         {infinity, kInfinity, 0},
                                         {-infinity, kInfinity, kInfinity},
                                         {infinity, 0x1p128, 0},
                                         {infinity, 0x1p128 - 0x1p103, 0},
                                         {infinity, largest, kInfinity},
                                         {largest, kInfinity, kInfinity},
                                         {largest, 0x1p128, kInfinity},
                                         {largest, 0x1p128 - 0x1p104, 0}}) {
    EXPECT_EQ(oracle::ulp_error(row.y, row.r), row.error) << show(row.y) << " against " << row.r;
    mpfr_t r;
    mpfr_init2(r, 100);
    mpfr_set_d(r, row.r, MPFR_RNDN);
    EXPECT_EQ(oracle::ulp_error(row.y, r), row.error) << show(row.y) << " against MPFR " << row.r;
    mpfr_clear(r);
  }
}

// Where the bound goes beyond the largest float, a result may be infinite, of the value's sign.
TEST(Near, TheLargestFloats) {
  const float infinity = std::numeric_limits<float>::infinity();
  const double largest = std::numeric_limits<float>::max();
  const auto near = [](float result, double value) {
    return static_cast<bool>(near_oracle({{value, std::fabs(value)}}, {result}, 1e-6));
  };
  for (float sign : {-1.f, 1.f}) {
    EXPECT_TRUE(near(sign * infinity, sign * largest));
    EXPECT_TRUE(near(sign * infinity, sign * (1 - 0x1p-21) * 0x1p128));
    EXPECT_FALSE(near(sign * infinity, sign * (1 - 0x1p-19) * 0x1p128));
    EXPECT_FALSE(near(sign * infinity, -sign * largest));
    EXPECT_TRUE(near(static_cast<float>(sign * largest), sign * 0x1p128));
    EXPECT_FALSE(near(static_cast<float>(sign * largest), sign * kInfinity));
  }
}

}  // namespace
}  // namespace kiln::test
