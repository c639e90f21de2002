// layer_norm against the float64 oracle.
#include <cmath>
#include <limits>

#include "support/inputs.h"
#include "support/operators.h"
#include "support/near.h"
#include "support/rows.h"
#include "support/expectations.h"
#include "support/random.h"

namespace kiln::test {
namespace {

constexpr float kLargest = std::numeric_limits<float>::max();

class LayerNormValues : public IsaTest {
 protected:
  std::vector<float> run(const Extents &shape, const std::vector<float> &inputs, const Operation &arguments) {
    Context context;
    context.isa(isa().name);
    return run_dense(context, arguments, shape, inputs).output;
  }
  // Rows of one length.
  std::vector<float> run_rows(int64_t length, const std::vector<float> &inputs, const Operation &arguments) {
    return run({static_cast<int64_t>(inputs.size()) / length, length}, inputs, arguments);
  }
  static std::vector<oracle::Normalized> oracle_of_rows(const std::vector<float> &inputs, const Operation &arguments) {
    const int64_t length = dense(arguments["normalized_shape"].integers).count();
    return oracle_of(arguments, {static_cast<int64_t>(inputs.size()) / length, length}, inputs).output;
  }
  void expect_near_oracle(int64_t length, const Rows &rows, const Operation &arguments) {
    EXPECT_TRUE(near_oracle(oracle_of_rows(rows.values, arguments), run_rows(length, rows.values, arguments),
                            rows.tolerance))
        << "layer_norm on " << isa().name << ", rows of " << length << ", " << rows.name << ", eps " << arguments["eps"].real;
  }
};
KILN_EACH_ISA(LayerNormValues);

TEST_P(LayerNormValues, EveryLengthAroundVectors) {
  for (int64_t length = 2; length <= 3 * 64 + 1; ++length)
    expect_near_oracle(length, {"random", normal_values(3 * length, length, 0.5, 2), 5e-7}, layer_norm({length}));
}

TEST_P(LayerNormValues, HardRows) {
  for (int64_t length : {2, 3, 7, 64, 65, 100, 511, 512, 513, 768, 1023, 4096, 5000})
    for (const Rows &rows : hard_rows(length)) expect_near_oracle(length, rows, layer_norm({length}));
}

TEST_P(LayerNormValues, LongRows) {
  for (int64_t length : {65536 + 17, 1 << 20})
    for (const Rows &rows : hard_rows(length)) expect_near_oracle(length, rows, layer_norm({length}));
}

TEST_P(LayerNormValues, WeightAndBiasPresentOrNot) {
  for (int64_t length : {1, 5, 16, 77, 768}) {
    const std::vector<float> weight = normal_values(length, 21, 0.2, 1), bias = normal_values(length, 22, -0.3, 2);
    for (bool with_weight : {false, true})
      for (bool with_bias : {false, true})
        for (double eps : {0.0, 1e-12, 1e-5, 0.5, 1e10}) {
          if (length == 1 && eps == 0) continue;  // NaN: ConstantRows
          const Operation arguments = layer_norm({length}, with_weight ? weight : std::vector<float>(),
                                                 with_bias ? bias : std::vector<float>(), eps);
          expect_near_oracle(length, {"random", normal_values(4 * length, 23), 1e-6}, arguments);
        }
  }
}

TEST_P(LayerNormValues, EveryNumberOfNormalizedDimensions) {
  const Extents shape = {2, 3, 4, 5, 6};
  const std::vector<float> inputs = normal_values(720, 24, 1, 3);
  for (size_t n = 1; n <= shape.size(); ++n) {
    Operation arguments = layer_norm({shape.end() - n, shape.end()});
    const int64_t length = dense(arguments["normalized_shape"].integers).count();
    arguments.values("weight") = normal_values(length, 25), arguments.values("bias") = normal_values(length, 26);
    EXPECT_TRUE(near_oracle(oracle_of_rows(inputs, arguments), run(shape, inputs, arguments), 1e-6))
        << "layer_norm on " << isa().name << " over " << n << " dimensions";
  }
}

// A constant row gives the bias, to the bit, where eps > 0, and NaN where it is 0.
TEST_P(LayerNormValues, ConstantRows) {
  for (int64_t length : {1, 2, 7, 64, 65, 768, 4097})
    for (float value : {0.0f, 3.3f, -1e6f, 1e-40f, 0x1p-149f, 1e30f, kLargest, -kLargest}) {
      const std::vector<float> inputs(2 * length, value), bias = normal_values(length, 31);
      for (double eps : {1e-5, 1e-30, 0.0}) {
        const std::vector<float> row = eps > 0 ? bias : std::vector<float>(length, from_bits(kNanBits));
        std::vector<float> expected = row;
        expected.insert(expected.end(), row.begin(), row.end());
        EXPECT_TRUE(same_bits(expected, run_rows(length, inputs, layer_norm({length}, normal_values(length, 32), bias, eps))))
            << "layer_norm on " << isa().name << ", rows of " << length << " times " << show(value) << ", eps " << eps;
      }
    }
}

// eps is a double: 1e-60 is no zero, and 1e60 no infinity.
TEST_P(LayerNormValues, EpsIsADouble) {
  const std::vector<float> constant(64, 2.5f), zeros(64, 0.0f);
  EXPECT_TRUE(same_bits(zeros, run_rows(64, constant, layer_norm({64}, {}, {}, 1e-60)))) << "eps 1e-60 on " << isa().name;
  const std::vector<float> inputs = normal_values(64, 33, 0, 1e30);
  const Operation arguments = layer_norm({64}, {}, {}, 1e60);
  EXPECT_TRUE(near_oracle(oracle_of_rows(inputs, arguments), run_rows(64, inputs, arguments), 1e-6))
      << "eps 1e60 on " << isa().name;
}

// Squares that overflow or underflow in float32 do not in the result.
TEST_P(LayerNormValues, HugeRows) {
  for (int64_t length : {2, 8, 100, 768})
    for (double scale : {1e18, 1e25, 1e30, 3e37}) {
      Rows rows{"deviation " + std::to_string(scale), normal_values(3 * length, 34, 0, scale), 1e-6};
      rows.values[0] = kLargest, rows.values[length - 1] = -kLargest;
      for (double eps : {0.0, 1e-5}) expect_near_oracle(length, rows, layer_norm({length}, {}, {}, eps));
    }
}

// Tiny and subnormal rows are right relative to themselves, not merely near zero.
TEST_P(LayerNormValues, TinyRows) {
  for (int64_t length : {2, 8, 100, 768})
    for (double scale : {1e-15, 1e-22, 1e-30, 1e-38, 1e-41})
      for (double eps : {0.0, 1e-60, 1e-30, 1e-5}) {
        const std::vector<float> inputs = normal_values(length, 35, 0, scale);
        const Operation arguments = layer_norm({length}, {}, {}, eps);
        ASSERT_TRUE(near_relatively(oracle_of_rows(inputs, arguments), run_rows(length, inputs, arguments)))
            << "layer_norm on " << isa().name << ", rows of " << length << ", deviation " << scale << ", eps " << eps;
      }
}

// NaN and infinities stay in their rows.
TEST_P(LayerNormValues, SpecialsStayInTheirRows) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (int64_t length : {3, 64, 100})
    for (float special : {infinity, -infinity, from_bits(0xffc12345), from_bits(0x7f800001)})
      for (int64_t at : {int64_t{0}, length / 2, length - 1}) {
        std::vector<float> inputs = normal_values(5 * length, 36);
        const Operation arguments = layer_norm({length});
        std::vector<float> expected = run_rows(length, inputs, arguments);
        inputs[2 * length + at] = special;
        for (int64_t i = 0; i < length; ++i) expected[2 * length + i] = from_bits(kNanBits);
        ASSERT_TRUE(same_bits(expected, run_rows(length, inputs, arguments), inputs))
            << "layer_norm on " << isa().name << ", rows of " << length << ", row 2 has " << show(special) << " at "
            << at;
      }
}

TEST_P(LayerNormValues, SpecialWeightAndBias) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> special = {from_bits(0xffc00001), infinity, -infinity, 0.0f, -0.0f, kLargest};
  const std::vector<float> inputs = normal_values(5 * 36, 37);
  Operation arguments = layer_norm({36});
  for (float w : special)
    for (float b : special) arguments.values("weight").push_back(w), arguments.values("bias").push_back(b);
  EXPECT_TRUE(near_oracle(oracle_of_rows(inputs, arguments), run_rows(36, inputs, arguments), 1e-6)) << isa().name;
}

TEST_P(LayerNormValues, RandomShapes) {
  Random random(38);
  for (int round = 0; round < 100; ++round) {
    Extents shape(random.integer(1, 4));
    for (int64_t &extent : shape) extent = random.integer(1, 12);
    Operation arguments = layer_norm(
        {shape.end() - random.integer(1, static_cast<int64_t>(shape.size())), shape.end()}, {}, {}, 1e-3);
    const int64_t length = dense(arguments["normalized_shape"].integers).count();
    if (random.chance(2)) arguments.values("weight") = normal_values(length, 1000 + round);
    if (random.chance(2)) arguments.values("bias") = normal_values(length, 2000 + round);
    const std::vector<float> inputs = normal_values(dense(shape).count(), 3000 + round, 2, 5);
    ASSERT_TRUE(near_oracle(oracle_of_rows(inputs, arguments), run(shape, inputs, arguments), 1e-6))
        << "layer_norm on " << isa().name << ", round " << round << ", shape " << show(shape) << " over "
        << show(arguments["normalized_shape"].integers);
  }
}

}  // namespace
}  // namespace kiln::test
