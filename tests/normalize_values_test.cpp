// normalize against the float64 oracle, in ULP.
#include <cmath>
#include <limits>

#include "support/expectations.h"
#include "support/inputs.h"
#include "support/near.h"
#include "support/operators.h"
#include "support/random.h"

namespace kiln::test {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Of each bound: 4 ULP, 8 ULP, and beyond.
const double kPs[] = {1,    2,  kInfinity, -kInfinity, 0,   0.5, 0.7, 1.5,  3,  4,  7.3, 16,
                      -0.5, -1, -2,        -2.5,       -16, 0.1, 0.3, -0.2, 20, 30, -40, 100};

class NormalizeValues : public IsaTest {
 protected:
  ::testing::AssertionResult near(const Operation &n, const Extents &shape, const std::vector<float> &inputs) {
    Context context;
    context.isa(isa().name);
    if (auto near = near_oracle(n, oracle_of(n, shape, inputs), run_dense(context, n, shape, inputs), 0); !near)
      return near << ": " << show(n) << " on " << isa().name << ", shape " << show(shape);
    return ::testing::AssertionSuccess();
  }
  static Operation normalization(double p, const Extents &dim = {1}, double eps = 1e-12) {
    Operation n("normalize");
    n["p"] = p, n["dim"] = dim, n["eps"] = eps;
    return n;
  }
};
KILN_EACH_ISA(NormalizeValues);

TEST_P(NormalizeValues, EveryPAndLength) {
  for (double p : kPs)
    for (int64_t length : {1, 2, 3, 7, 16, 49, 63, 64, 65, 100, 511, 512, 513, 768, 3136, 4095, 4096, 4097, 8193})
      for (double deviation : {1.0, 1e-3, 1e4})
        ASSERT_TRUE(near(normalization(p), {2, length}, normal_values(2 * length, 621, 0, deviation)));
}

TEST_P(NormalizeValues, LongSlices) {
  size_t round = 0;
  for (double p : {2.0, 1.0, kInfinity, -kInfinity, 0.0, 3.0, 0.5, -1.0})
    for (int64_t length : some_of<int64_t>({100000, 1 << 20}, 2))
      for (double mean : some_of<double>({0.0, 5.0}, 2, round++))
        ASSERT_TRUE(near(normalization(p), {1, length}, normal_values(length, 622, mean, 1)));
}

// Constant, alternating, sorted, of one outlier, of zeros, of all sizes.
TEST_P(NormalizeValues, HardSlices) {
  for (int64_t length : {2, 3, 64, 100, 768, 4097}) {
    std::vector<float> inputs;
    const auto fill = [&](auto value) {
      for (int64_t i = 0; i < length; ++i) inputs.push_back(static_cast<float>(value(static_cast<double>(i))));
    };
    fill([](double) { return 3.3; });
    fill([](double i) { return std::fmod(i, 2) == 0 ? 1e4 : -1e4; });
    fill([&](double i) { return i / static_cast<double>(length); });
    fill([&](double i) { return i == static_cast<double>(length / 2) ? 1e6 : 1e-2 * std::fmod(i, 7); });
    fill([](double) { return 0.0; });
    fill([](double i) { return std::pow(10.0, std::fmod(i * 7, 60) - 30); });
    fill([](double i) { return i == 0 ? 1e-20 : 1.0; });
    for (double p : kPs)
      for (double eps : {1e-12, 0.0})
        ASSERT_TRUE(near(normalization(p, {1}, eps), {static_cast<int64_t>(inputs.size()) / length, length}, inputs));
  }
}

// A float32 sum of these would round the same way at every step.
TEST_P(NormalizeValues, SumsThatRoundOneWay) {
  std::vector<float> outlier(4096, 0x1.6deeep+0f), below_half(4096, 0x1.fffffep-13f);
  outlier[0] = 0x1.0a547ap+23f, below_half[0] = 1;
  for (double p : {1.0, 2.0, 3.0})
    for (const std::vector<float> &inputs : {outlier, below_half})
      ASSERT_TRUE(near(normalization(p), {1, 4096}, inputs));
}

// Powers of what is above 1 end float64 from p = 1024 on.
TEST_P(NormalizeValues, LargeP) {
  for (double p : {999.0, 1000.0, 1710.0, 1e5, 1e10, 1e300, -1000.0, -2000.0, -1e300})
    for (const std::vector<float> &inputs : {std::vector<float>{1.9999f, 1}, {3, 1}, {3, 4}, {0, 4}, {-1e30f, 1e-40f}})
      ASSERT_TRUE(near(normalization(p), {1, 2}, inputs));
  for (double p : {-1e4, 1e4}) {
    std::vector<float> inputs = normal_values(5000, 631);
    ASSERT_TRUE(near(normalization(p), {1, 5000}, inputs));
    inputs[4999] = 0;
    ASSERT_TRUE(near(normalization(p), {1, 5000}, inputs));
  }
}

// Where powers overflow or vanish in float32.
TEST_P(NormalizeValues, HugeAndTiny) {
  for (double scale : {1e38, 3e37, 1e30, 1e25, 1e18, 1e-15, 1e-22, 1e-30, 1e-38, 1e-41, 2e-45})
    for (int64_t length : {1, 2, 8, 100, 768})
      for (double p : kPs)
        for (double eps : {0.0, 1e-40, 1e-12})
          ASSERT_TRUE(near(normalization(p, {1}, eps), {2, length}, normal_values(2 * length, 623, 0, scale)));
}

TEST_P(NormalizeValues, LargestFloats) {
  const float largest = std::numeric_limits<float>::max();
  for (double p : kPs)
    for (int64_t length : {1, 2, 100, 4097})
      ASSERT_TRUE(near(normalization(p), {1, length}, std::vector<float>(length, -largest)));
}

TEST_P(NormalizeValues, EveryDim) {
  const Extents shape = {3, 4, 5, 7};
  const std::vector<float> inputs = normal_values(420, 624);
  for (double p : {2.0, 1.0, kInfinity, -kInfinity, 0.0, 3.0, -1.0})
    for (const Extents &dim :
         {Extents{}, Extents{0}, Extents{1}, Extents{2}, Extents{3}, Extents{-1}, Extents{-4}, Extents{0, 1},
          Extents{1, 0}, Extents{0, 2}, Extents{3, 0}, Extents{1, 2}, Extents{-3, 3}, Extents{2, -1}, Extents{0, 1, 2},
          Extents{3, 1, 0}, Extents{1, 2, 3}, Extents{0, 2, 3}, Extents{3, 2, 1, 0}})
      ASSERT_TRUE(near(normalization(p, dim), shape, inputs));
}

TEST_P(NormalizeValues, FewDimensionsAndMany) {
  for (double p : {2.0, 0.0, 1.5, -kInfinity}) {
    for (const Extents &dim : {Extents{}, Extents{0}, Extents{-1}}) {
      for (float value : {-3.5f, 0.0f, 1e-45f, 3e38f}) ASSERT_TRUE(near(normalization(p, dim), {}, {value}));
      ASSERT_TRUE(near(normalization(p, dim), {50}, normal_values(50, 625)));
    }
    Extents many(64, 1);
    many[0] = 3, many[20] = 2, many[63] = 5;
    for (const Extents &dim : {Extents{0}, Extents{20, 63}, Extents{5}, Extents{-1, 0}})
      ASSERT_TRUE(near(normalization(p, dim), many, normal_values(30, 626)));
  }
}

TEST_P(NormalizeValues, Shapes) {
  for (const Extents &shape : {Extents{1, 1, 1}, Extents{32, 51, 14, 14}, Extents{2, 3, 100000}, Extents{1, 1 << 17, 2},
                               Extents{1000, 1}, Extents{1, 768}, Extents{7, 1, 9}})
    for (double p : {2.0, 1.0, kInfinity, 0.5})
      ASSERT_TRUE(near(normalization(p), shape, normal_values(dense(shape).count(), 627)));
}

// The norm is at least eps, of which a negative p with a zero, and a slice of zeros, make use.
TEST_P(NormalizeValues, Eps) {
  std::vector<float> inputs = normal_values(60, 628);
  inputs[3] = 0, inputs[20] = -0.0f;
  for (int i = 40; i < 60; ++i) inputs[i] = i % 2 ? 0.0f : -0.0f;
  for (double p : kPs)
    for (double eps : {0.0, 1e-300, 1e-40, 1e-12, 1.0, 3.0, 100.0, 1e60, kInfinity})
      ASSERT_TRUE(near(normalization(p, {1}, eps), {3, 20}, inputs));
}

// NaN and infinities stay in their slices, but for p = 0, which counts them.
TEST_P(NormalizeValues, Specials) {
  for (double p : kPs)
    for (double eps : {0.0, 1e-12})
      for (int64_t length : {1, 3, 64, 100}) {
        std::vector<float> inputs = normal_values(6 * length, 629);
        inputs[length] = static_cast<float>(kInfinity);
        inputs[3 * length - 1] = -static_cast<float>(kInfinity);
        inputs[3 * length + length / 2] = from_bits(0xffc12345), inputs[4 * length] = from_bits(0x7f800001);
        ASSERT_TRUE(near(normalization(p, {1}, eps), {6, length}, inputs));
        ASSERT_TRUE(near(normalization(p, {1}, eps), {1, 6, length}, inputs));
      }
}

TEST_P(NormalizeValues, RandomArguments) {
  Random random(630);
  for (int round = 0; round < 400; ++round) {
    Extents shape(random.integer(1, 5));
    for (int64_t &extent : shape) extent = random.integer(1, 8);
    Extents dim;
    for (int64_t d = 0; d < static_cast<int64_t>(shape.size()); ++d)
      if (random.chance(2)) dim.push_back(random.chance(2) ? d : d - static_cast<int64_t>(shape.size()));
    const double p = random.chance(2) ? random.unit() * 16 : -random.unit() * 16;
    ASSERT_TRUE(near(normalization(p, dim), shape, normal_values(dense(shape).count(), 6600 + round)))
        << "round " << round;
  }
}

}  // namespace
}  // namespace kiln::test
