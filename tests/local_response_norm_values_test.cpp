// local_response_norm against the float64 oracle, in ULP.
#include <cmath>
#include <limits>

#include "support/expectations.h"
#include "support/inputs.h"
#include "support/near.h"
#include "support/operators.h"
#include "support/random.h"

namespace kiln::test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
// Of each bound: 4 ULP, 8 ULP, and beyond.
const double kBetas[] = {0.5, 0.75, 1, 0.01, 0.25, 0.6, 1.5, 2, 3.3, 4, 0, -0.5, -0.75, -1, -2.2, 5, 10, 30};

class LocalResponseNormValues : public IsaTest {
 protected:
  ::testing::AssertionResult near(const Operation &n, const Extents &shape, const std::vector<float> &inputs) {
    Context context;
    context.isa(isa().name);
    if (auto near = near_oracle(n, oracle_of(n, shape, inputs), run_dense(context, n, shape, inputs), 0); !near)
      return near << ": " << show(n) << " on " << isa().name << ", shape " << show(shape);
    return ::testing::AssertionSuccess();
  }
  static Operation normalization(int64_t size, double alpha, double beta, double k) {
    Operation n("local_response_norm");
    n["size"] = size, n["alpha"] = alpha, n["beta"] = beta, n["k"] = k;
    return n;
  }
};
KILN_EACH_ISA(LocalResponseNormValues);

// The powers in float32 come close to their bound in one value of some millions: they get more of them.
TEST_P(LocalResponseNormValues, EveryBeta) {
  for (double beta : kBetas) {
    const bool single = beta == 0.5 || beta == 0.75 || beta == 1;
    const Extents shape = {2, 24, single ? 670 : 67};
    for (double alpha : {1e-4, 0.3, 1.0, 1e4})
      for (double k : {0.0, 1e-3, 1.0, 2.0})
        for (double deviation : {0.1, 1.0, 30.0})
          ASSERT_TRUE(
              near(normalization(5, alpha, beta, k), shape, normal_values(dense(shape).count(), 601, 0, deviation)));
  }
}

// Windows that reach beyond one end, or both.
TEST_P(LocalResponseNormValues, EverySizeAndNumberOfChannels) {
  for (int64_t channels : {1, 2, 3, 4, 5, 7, 8, 16, 17, 40})
    for (int64_t size = 1; size <= 2 * channels + 3; ++size)
      ASSERT_TRUE(near(normalization(size, 0.5, 0.75, 1), {2, channels, 9}, normal_values(18 * channels, 602)));
  for (int64_t size : {int64_t{1} << 20, (int64_t{1} << 31) + 1, std::numeric_limits<int64_t>::max()})
    ASSERT_TRUE(near(normalization(size, 1e9, 0.75, 1), {2, 5, 9}, normal_values(90, 603)));
}

TEST_P(LocalResponseNormValues, Shapes) {
  for (const Extents &shape :
       {Extents{1, 1, 1}, Extents{1, 96, 55, 55}, Extents{3, 10, 7, 7}, Extents{1, 2, 100000}, Extents{2, 3, 4, 5, 6},
        Extents{4, 1, 33}, Extents{2, 64, 1, 1}, Extents{1, 4100, 3}, Extents{2, 3, 2, 2, 2, 2}})
    for (double beta : {0.75, 0.5, 1.0, 0.6})
      ASSERT_TRUE(near(normalization(5, 1e-2, beta, 1), shape, normal_values(dense(shape).count(), 604, 0, 5)));
}

// Where the squares overflow or vanish in float32, and the power too.
TEST_P(LocalResponseNormValues, HugeAndTiny) {
  for (double scale : {3e37, 1e30, 1e25, 1e18, 1e-15, 1e-22, 1e-30, 1e-38, 1e-41})
    for (double beta : kBetas)
      for (double k : {0.0, 1.0, 1e-30, 1e30})
        for (double alpha : {1.0, 1e-4, 1e-20, 1e20})
          ASSERT_TRUE(near(normalization(3, alpha, beta, k), {2, 7, 11}, normal_values(154, 605, 0, scale)));
}

TEST_P(LocalResponseNormValues, MixedSizes) {
  std::vector<float> inputs;
  for (int i = 0; i < 40; ++i)
    for (float value : normal_values(9, 606 + i, 0, std::pow(10.0, i % 16 * 4 - 30))) inputs.push_back(value);
  for (double beta : kBetas)
    for (double k : {0.0, 1.0})
      for (int64_t size : {1, 2, 5, 8}) ASSERT_TRUE(near(normalization(size, 1, beta, k), {1, 40, 9}, inputs));
}

TEST_P(LocalResponseNormValues, Zeros) {
  std::vector<float> inputs(5 * 12, 0.0f);
  inputs[7] = -0.0f, inputs[30] = 2;
  for (double beta : kBetas)
    for (double k : {0.0, 1.0}) ASSERT_TRUE(near(normalization(3, 1, beta, k), {1, 12, 5}, inputs));
}

// What is raised to beta may be negative: NaN, but for whole betas.
TEST_P(LocalResponseNormValues, NegativeBase) {
  for (double beta : {0.75, 0.5, 1.0, 2.0, 3.0, -1.0, 0.6, -2.0, 4.0})
    for (const auto &[alpha, k] : {std::pair{1.0, -1000.0}, {-1.0, -1.0}, {-1000.0, 0.0}})
      ASSERT_TRUE(near(normalization(3, alpha, beta, k), {2, 7, 11}, normal_values(154, 607, 1, 0.1)));
}

TEST_P(LocalResponseNormValues, SpecialArguments) {
  const std::vector<double> specials = {
      static_cast<double>(kInfinity), -static_cast<double>(kInfinity), std::nan(""), 1e300, -1e300, 1e-300};
  for (double special : specials)
    for (const char *argument : {"alpha", "beta", "k"}) {
      Operation n = normalization(3, 0.5, 0.75, 1);
      n[argument] = special;
      ASSERT_TRUE(near(n, {2, 7, 11}, normal_values(154, 608)));
    }
}

// NaN and infinities reach just the windows that they are in; elsewhere the bits are those without them.
TEST_P(LocalResponseNormValues, SpecialsStayInTheirWindows) {
  const Extents shape = {2, 9, 33};
  Context context;
  context.isa(isa().name);
  const std::vector<float> plain = normal_values(2 * 9 * 33, 609);
  for (double beta : {0.75, 0.5, 1.0, 0.6, 0.0, -1.0})
    for (int64_t size : {1, 2, 3, 6})
      for (float special : {kInfinity, -kInfinity, from_bits(0xffc12345), from_bits(0x7f800001)}) {
        const Operation n = normalization(size, 0.5, beta, 1);
        std::vector<float> inputs = plain;
        for (size_t at : {0, 150, 296, 400, 593}) inputs[at] = special;
        const Results before = run_dense(context, n, shape, plain), after = run_dense(context, n, shape, inputs);
        const oracle::WithStatistics without = oracle_of(n, shape, plain), with = oracle_of(n, shape, inputs);
        ASSERT_TRUE(near_oracle(n, with, after, 0)) << show(n) << " on " << isa().name << ", " << show(special);
        for (size_t i = 0; i < inputs.size(); ++i) {
          if (with.output[i].value != without.output[i].value) continue;
          ASSERT_EQ(bits_of(before.output[i]), bits_of(after.output[i]))
              << show(n) << " on " << isa().name << ", " << i;
        }
      }
}

// Values that call for float64 in a few positions, and in none of the rest: with channels side by side, in lines that
// are whole vectors and that are not.
TEST_P(LocalResponseNormValues, FewHugeValuesAmongOrdinaryOnes) {
  Context context;
  context.isa(isa().name);
  for (int64_t channels : {16, 19, 32, 40, 96})
    for (int64_t positions : {16, 37})
      for (double beta : {0.75, 0.5, 1.0}) {
        const Operation n = normalization(5, 0.5, beta, 1);
        const Extents shape = {2, channels, positions};
        std::vector<float> inputs = normal_values(dense(shape).count(), 611);
        const float values[] = {kInfinity, 3e15f, from_bits(0xffc12345), 1e20f, -1e30f, -kInfinity};
        for (size_t i = 0; i < std::size(values); ++i) inputs[i * inputs.size() / std::size(values) + i] = values[i];
        const oracle::WithStatistics expected = oracle_of(n, shape, inputs);
        const Results contiguous = run_dense(context, n, shape, inputs);
        Array from(channels_last(shape), inputs), to(channels_last(shape));
        Results last;
        ASSERT_TRUE(succeeded(run(context, n, from, to, &last)));
        ASSERT_TRUE(near_oracle(n, expected, last, 0)) << show(n) << " on " << isa().name << ", shape " << show(shape);
        ASSERT_TRUE(same_bits(contiguous, last, inputs)) << show(n) << " on " << isa().name << ", " << show(shape);
      }
}

TEST_P(LocalResponseNormValues, RandomArguments) {
  Random random(610);
  for (int round = 0; round < 300; ++round) {
    Extents shape = {random.integer(1, 3), random.integer(1, 20)};
    for (int64_t d = random.integer(1, 3); d > 0; --d) shape.push_back(random.integer(1, 9));
    const Operation n = normalization(random.integer(1, 12), random.unit() * 2, random.unit() * 4, random.unit() * 3);
    ASSERT_TRUE(near(n, shape, normal_values(dense(shape).count(), 6500 + round, 0, 4))) << "round " << round;
  }
}

}  // namespace
}  // namespace kiln::test
