// Normalizations of rows, of the trailing dimensions, against the float64 oracle.
#include <cmath>
#include <limits>

#include "support/every_operator.h"
#include "support/inputs.h"
#include "support/near.h"
#include "support/random.h"
#include "support/rows.h"

namespace kiln::test {
namespace {

constexpr float kLargest = std::numeric_limits<float>::max(), kInfinity = std::numeric_limits<float>::infinity();

class RowNormValues : public EveryOperatorTest {
 protected:
  void SetUp() override {
    EveryOperatorTest::SetUp();
    if (isa().runs_here) context_.isa(isa().name);
  }
  Operation over(const Extents &normalized_shape) const {
    Operation n(op());
    n["normalized_shape"] = normalized_shape;
    return n;
  }
  Operation over(const Extents &normalized_shape, double eps) const {
    Operation n = over(normalized_shape);
    n["eps"] = eps;
    return n;
  }
  // One parameter after the other, factors around 0.2 and summands around -0.3.
  static std::vector<float> parameter(size_t k, int64_t count, uint64_t seed) {
    return normal_values(count, seed + k, k == 0 ? 0.2 : -0.3, k == 0 ? 1 : 2);
  }
  static void set_parameters(Operation *n, uint64_t seed) {
    const std::vector<std::string> names = n->parameters();
    for (size_t k = 0; k < names.size(); ++k) n->values(names[k]) = parameter(k, dense(n->extents()).count(), seed);
  }
  std::vector<float> run(const Extents &shape, const std::vector<float> &inputs, const Operation &n) {
    return run_dense(context_, n, shape, inputs).output;
  }
  static Extents rows_of(const std::vector<float> &inputs, int64_t length) {
    return {static_cast<int64_t>(inputs.size()) / length, length};
  }
  void expect_near(const Operation &n, const Extents &shape, const std::vector<float> &inputs, double tolerance,
                   const std::string &name) {
    EXPECT_TRUE(near_oracle(n, oracle_of(n, shape, inputs), run_dense(context_, n, shape, inputs), tolerance))
        << show(n) << " on " << isa().name << ", shape " << show(shape) << ", " << name;
  }
  void expect_near(const Operation &n, const Rows &rows) {
    expect_near(n, rows_of(rows.values, n.extents().back()), rows.values, rows.tolerance, rows.name);
  }

  Context context_;
};
KILN_OPERATORS_AND_ISAS(RowNormValues, operators_of_family("row_norm"));

TEST_P(RowNormValues, EveryLengthAroundVectors) {
  for (int64_t length = 2; length <= 3 * 64 + 1; ++length)
    expect_near(over({length}), {"random", normal_values(3 * length, length, 0.5, 2), 5e-7});
}

TEST_P(RowNormValues, HardRows) {
  for (int64_t length : {2, 3, 7, 64, 65, 100, 511, 512, 513, 768, 1023, 4096, 5000})
    for (const Rows &rows : hard_rows(length)) expect_near(over({length}), rows);
}

TEST_P(RowNormValues, LongRows) {
  size_t round = 0;
  for (int64_t length : {65536 + 17, 1 << 20})
    for (const Rows &rows : some_of(hard_rows(length), 6, round++)) expect_near(over({length}), rows);
}

TEST_P(RowNormValues, ParametersPresentOrNot) {
  const std::vector<std::string> names = Operation(op()).parameters();
  for (int64_t length : {1, 5, 16, 77, 768})
    for (int present = 0; present < 1 << names.size(); ++present)
      for (double eps : {0.0, 1e-12, 1e-5, 0.5, 1e10}) {
        if (length == 1 && eps == 0) continue;  // 0 / 0 where a mean is subtracted
        Operation n = over({length}, eps);
        for (size_t k = 0; k < names.size(); ++k)
          if (present >> k & 1) n.values(names[k]) = parameter(k, length, 21);
        expect_near(n, {"random", normal_values(4 * length, 23), 1e-6});
      }
}

TEST_P(RowNormValues, EveryNumberOfNormalizedDimensions) {
  const Extents shape = {2, 3, 4, 5, 6};
  const std::vector<float> inputs = normal_values(720, 24, 1, 3);
  for (size_t count = 1; count <= shape.size(); ++count) {
    Operation n = over({shape.end() - count, shape.end()});
    set_parameters(&n, 25);
    expect_near(n, shape, inputs, 1e-6, std::to_string(count) + " dimensions");
  }
}

// All of a row is one value: of every size, under every eps.
TEST_P(RowNormValues, ConstantRows) {
  for (int64_t length : {1, 2, 7, 64, 65, 768, 4097})
    for (float value : {0.0f, 3.3f, -1e6f, 1e-40f, 0x1p-149f, 1e30f, kLargest, -kLargest})
      for (double eps : {1e-5, 1e-30, 0.0}) {
        Operation n = over({length}, eps);
        set_parameters(&n, 31);
        expect_near(n, {show(value), std::vector<float>(2 * length, value), 1e-6});
      }
}

// eps is a double: 1e-60 is no zero, and 1e60 no infinity.
TEST_P(RowNormValues, EpsIsADouble) {
  expect_near(over({64}, 1e-60), {"constant", std::vector<float>(64, 2.5f), 0});
  expect_near(over({64}, 1e-60), {"zeros", std::vector<float>(64, 0.0f), 0});
  expect_near(over({64}, 1e60), {"deviation 1e30", normal_values(64, 33, 0, 1e30), 1e-6});
}

// Where the table's default stands for NULL, that is what is passed: it is seen beside values of its size.
TEST_P(RowNormValues, DefaultEps) {
  const double eps = over({64})["eps"].real;
  for (double scale : {0.1, 1.0, 10.0})
    expect_near(over({64}), {"around the default eps", normal_values(256, 39, 0, scale * std::sqrt(eps)), 1e-6});
}

// Squares that overflow or underflow in float32 do not in the result.
TEST_P(RowNormValues, HugeRows) {
  for (int64_t length : {2, 8, 100, 768})
    for (double scale : {1e18, 1e25, 1e30, 3e37}) {
      Rows rows{"deviation " + std::to_string(scale), normal_values(3 * length, 34, 0, scale), 1e-6};
      rows.values[0] = kLargest, rows.values[length - 1] = -kLargest;
      for (double eps : {0.0, 1e-5}) expect_near(over({length}, eps), rows);
    }
}

// Tiny and subnormal rows are right relative to themselves, not merely near zero.
TEST_P(RowNormValues, TinyRows) {
  for (int64_t length : {2, 8, 100, 768})
    for (double scale : {1e-15, 1e-22, 1e-30, 1e-38, 1e-41})
      for (double eps : {0.0, 1e-60, 1e-30, 1e-5}) {
        const std::vector<float> inputs = normal_values(length, 35, 0, scale);
        const Operation n = over({length}, eps);
        ASSERT_TRUE(near_relatively(n, oracle_of(n, {1, length}, inputs), run_dense(context_, n, {1, length}, inputs)))
            << show(n) << " on " << isa().name << ", deviation " << scale;
      }
}

// NaN and infinities stay in their rows, and go there where the oracle sends them.
TEST_P(RowNormValues, SpecialsStayInTheirRows) {
  for (int64_t length : {3, 64, 100})
    for (float special : {kInfinity, -kInfinity, from_bits(0xffc12345), from_bits(0x7f800001)})
      for (int64_t at : {int64_t{0}, length / 2, length - 1}) {
        std::vector<float> inputs = normal_values(5 * length, 36);
        const Extents shape = {5, length};
        const Operation n = over({length});
        std::vector<float> expected = run(shape, inputs, n);
        inputs[2 * length + at] = special;
        const std::vector<float> results = run(shape, inputs, n);
        for (int64_t i = 0; i < length; ++i) expected[2 * length + i] = results[2 * length + i];
        const std::string place = show(special) + " at " + std::to_string(at) + " of row 2";
        expect_near(n, shape, inputs, 1e-6, place);
        ASSERT_TRUE(same_bits(expected, results, inputs)) << show(n) << " on " << isa().name << ", " << place;
      }
}

TEST_P(RowNormValues, SpecialParameters) {
  const std::vector<float> specials = {from_bits(0xffc00001), kInfinity, -kInfinity, 0.0f, -0.0f, kLargest};
  Operation n = over({36});
  const std::vector<std::string> names = n.parameters();
  for (size_t i = 0; i < 36; ++i)
    for (size_t k = 0; k < names.size(); ++k) n.values(names[k]).push_back(specials[(k == 0 ? i / 6 : i) % 6]);
  expect_near(n, {"special parameters", normal_values(5 * 36, 37), 1e-6});
}

TEST_P(RowNormValues, RandomShapes) {
  Random random(38);
  for (int round = 0; round < 100; ++round) {
    Extents shape(random.integer(1, 4));
    for (int64_t &extent : shape) extent = random.integer(1, 12);
    Operation n = over({shape.end() - random.integer(1, static_cast<int64_t>(shape.size())), shape.end()}, 1e-3);
    uint64_t seed = 1000 + round;
    for (const std::string &name : n.parameters()) {
      if (random.chance(2)) n.values(name) = normal_values(dense(n.extents()).count(), seed);
      seed += 1000;
    }
    expect_near(n, shape, normal_values(dense(shape).count(), 3000 + round, 2, 5), 1e-6,
                "round " + std::to_string(round));
  }
}

// Where a mean is subtracted, a constant row gives the bias, to the bit, and NaN where eps is 0.
class LayerNormValues : public IsaTest {};
KILN_EACH_ISA(LayerNormValues);

TEST_P(LayerNormValues, ConstantRows) {
  Context context;
  context.isa(isa().name);
  for (int64_t length : {1, 2, 7, 64, 65, 768, 4097})
    for (float value : {0.0f, 3.3f, -1e6f, 1e-40f, 0x1p-149f, 1e30f, kLargest, -kLargest})
      for (double eps : {1e-60, 1e-30, 1e-5, 0.0}) {
        const std::vector<float> inputs(2 * length, value), bias = normal_values(length, 31);
        const Operation n = layer_norm({length}, normal_values(length, 32), bias, eps);
        const std::vector<float> row = eps > 0 ? bias : std::vector<float>(length, from_bits(kNanBits));
        std::vector<float> expected = row;
        expected.insert(expected.end(), row.begin(), row.end());
        EXPECT_TRUE(same_bits(expected, run_dense(context, n, {2, length}, inputs).output))
            << "layer_norm on " << isa().name << ", rows of " << length << " times " << show(value) << ", eps " << eps;
      }
}

class RmsNormValues : public IsaTest {
 protected:
  void expect_near(double eps, const std::vector<float> &weight, const std::vector<float> &inputs) {
    Context context;
    context.isa(isa().name);
    const int64_t length = static_cast<int64_t>(weight.size());
    Operation n("rms_norm");
    n["normalized_shape"] = Extents{length}, n["eps"] = eps, n.values("weight") = weight;
    EXPECT_TRUE(near_oracle(n, oracle_of(n, {1, length}, inputs), run_dense(context, n, {1, length}, inputs), 0))
        << show(n) << " on " << isa().name << ", values from " << show(inputs[0]);
  }
};
KILN_EACH_ISA(RmsNormValues);

// A float32 sum of these would round the same way at every step.
TEST_P(RmsNormValues, SumsThatRoundOneWay) {
  std::vector<float> outlier(4096, 0x1.119bd6p-1f), below_half(4096, 0x1.fffffep-13f);
  outlier[0] = 0x1.00adbp+11f, below_half[0] = 1;
  for (float weight : {0x1.fb918cp+0f, 0.17677f}) {
    expect_near(1e-5, std::vector<float>(4096, weight), outlier);
    expect_near(1e-5, std::vector<float>(4096, weight), below_half);
  }
}

// x / rms may be subnormal where the result is not; rows of all sizes, of one size and of two.
TEST_P(RmsNormValues, AnyScaleAndWeight) {
  for (double scale : {1e-42, 1e-40, 1e-30, 1e-19, 1.0, 1e19, 1e30, 1e38})
    for (float weight : {1e-38f, 1e-20f, 0.9f, 1.0f, 16.0f, 64.0f, 1e4f, 1e10f, 1e30f, 3e38f})
      for (double eps : {0.0, 0x1p-23, 1e-5, 1.0, 1e10}) {
        std::vector<float> inputs = normal_values(300, 641, 0, scale / 4);
        expect_near(eps, std::vector<float>(300, weight), inputs);
        inputs[7] = 1e10f;
        expect_near(eps, std::vector<float>(300, weight), inputs);
      }
  expect_near(1e150, {3e38f, 3e38f}, {1e30f, 1e29f});
  expect_near(0, {1, 1e38f}, {1e10f, 1e-30f});
  expect_near(1, {1, 1, 1, kInfinity}, {0x1p-149f, 0x1p-148f, 0x3p-149f, 0x1p-149f});
}

}  // namespace
}  // namespace kiln::test
