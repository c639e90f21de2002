// batch_norm, group_norm and instance_norm where float32 squares overflow or vanish, where nothing varies, and where
// values are not finite.
#include <cmath>
#include <limits>

#include "support/expectations.h"
#include "support/inputs.h"
#include "support/near.h"
#include "support/operators.h"
#include "support/rows.h"

namespace kiln::test {
namespace {

constexpr float kLargest = std::numeric_limits<float>::max();
constexpr float kInfinity = std::numeric_limits<float>::infinity();
const std::vector<std::string> kReducing = operators_of_family("channel_norm");

class NormalizationExtremes : public IsaTest {
 protected:
  void SetUp() override {
    IsaTest::SetUp();
    if (isa().runs_here) context_.isa(isa().name);
  }
  Results run(const Sample &sample) { return run_dense(context_, sample.operation, sample.shape, sample.inputs); }
  static oracle::WithStatistics oracle(const Sample &sample) {
    return oracle_of(sample.operation, sample.shape, sample.inputs);
  }
  std::string place(const Sample &sample) const {
    return show(sample.operation) + " on " + isa().name + ", shape " + show(sample.shape);
  }
  // eps = 0 is an error of batch_norm's.
  static std::vector<double> with_zero(const std::string &op, std::vector<double> eps) {
    if (op != "batch_norm") eps.push_back(0);
    return eps;
  }

  Context context_;
};
KILN_EACH_ISA(NormalizationExtremes);

// A constant row gives the bias, to the bit, where eps > 0, and NaN where it is 0.
TEST_P(NormalizationExtremes, ConstantRows) {
  for (const std::string &op : kReducing)
    for (int64_t length : {2, 7, 64, 65, 768, 4097})
      for (float value : {0.0f, 3.3f, -1e6f, 1e-40f, 0x1p-149f, 1e30f, kLargest, -kLargest})
        for (double eps : with_zero(op, {1e-5, 1e-30}))
          for (Sample sample : samples_of_rows(op, std::vector<float>(2 * length, value), length, eps)) {
            const int64_t channels = sample.shape[1];
            sample.operation.values("weight") = normal_values(channels, 421);
            sample.operation.values("bias") = normal_values(channels, 422);
            const std::vector<float> results = run(sample).output;
            for (size_t i = 0; i < results.size(); ++i) {
              const float bias = sample.operation.values("bias")[i / sample.shape[2] % channels];
              ASSERT_EQ(bits_of(results[i]), eps > 0 ? bits_of(bias) : kNanBits)
                  << place(sample) << ", all " << show(value) << ", index " << i << ", bias " << show(bias);
            }
          }
}

// One value in all: 0 times weight plus bias; the mean is the value.
TEST_P(NormalizationExtremes, OneValueInAGroup) {
  const std::vector<float> inputs = {3, -1e30f, 1e-40f, 0}, bias = {0.5f, -2};
  const Operation n("group_norm", {3, 4}, bias);
  Sample sample{n, {2, 2, 1}, inputs};
  sample.operation["num_groups"] = 2;
  EXPECT_TRUE(same_bits({bias[0], bias[1], bias[0], bias[1]}, run(sample).output));
  sample.operation["eps"] = 0;
  EXPECT_TRUE(same_bits(std::vector<float>(4, from_bits(kNanBits)), run(sample).output));
}

// Squares that overflow in float32 do not in the result.
TEST_P(NormalizationExtremes, HugeRows) {
  for (const std::string &op : kReducing)
    for (int64_t length : {2, 8, 100, 768, 5000})
      for (double scale : {1e18, 1e25, 1e30, 3e37}) {
        std::vector<float> rows = normal_values(3 * length, 423, 0, scale);
        rows[0] = kLargest, rows[length - 1] = -kLargest;
        for (double eps : with_zero(op, {1e-60, 1e-5}))
          for (const Sample &sample : samples_of_rows(op, rows, length, eps))
            ASSERT_TRUE(near_oracle(sample.operation, oracle(sample), run(sample), 1e-6))
                << place(sample) << ", deviation " << scale;
      }
}

// A mean that is huge beside the deviation, which is huge itself.
TEST_P(NormalizationExtremes, HugeMeans) {
  for (const std::string &op : kReducing)
    for (int64_t length : {3, 64, 100, 4097})
      for (double mean : {1e30, -3e38})
        for (const Sample &sample :
             samples_of_rows(op, normal_values(2 * length, 424, mean, std::fabs(mean) * 1e-4), length, 1e-5))
          ASSERT_TRUE(near_oracle(sample.operation, oracle(sample), run(sample), 1e-6))
              << place(sample) << ", mean " << mean;
}

// Tiny and subnormal rows are right relative to themselves, not merely near zero.
TEST_P(NormalizationExtremes, TinyRows) {
  for (const std::string &op : kReducing)
    for (int64_t length : {2, 8, 100, 768, 5000})
      for (double scale : {1e-15, 1e-22, 1e-30, 1e-38, 1e-41})
        for (double eps : with_zero(op, {1e-100, 1e-60, 1e-30, 1e-5}))
          for (const Sample &sample : samples_of_rows(op, normal_values(length, 425, 0, scale), length, eps))
            ASSERT_TRUE(near_relatively(oracle(sample).output, run(sample).output))
                << place(sample) << ", deviation " << scale;
}

// Rows of huge, ordinary and tiny values beside each other: what is done to one does not touch the others.
TEST_P(NormalizationExtremes, NeighboursOfAllSizes) {
  for (const std::string &op : kReducing)
    for (int64_t length : {8, 100, 513}) {
      std::vector<float> rows;
      for (double scale : {1.0, 1e30, 1e-30, 1e-41, 3e37, 1e3})
        for (float value : normal_values(length, 426, 0, scale)) rows.push_back(value);
      for (const Sample &sample : samples_of_rows(op, rows, length, 1e-60))
        ASSERT_TRUE(near_oracle(sample.operation, oracle(sample), run(sample), 1e-6)) << place(sample);
    }
}

// NaN and infinities stay in their rows: all of one is NaN, and what is not has the bits that it would have without.
TEST_P(NormalizationExtremes, SpecialsStayInTheirRows) {
  for (const std::string &op : kReducing)
    for (int64_t length : {3, 64, 100})
      for (float special : {kInfinity, -kInfinity, from_bits(0xffc12345), from_bits(0x7f800001)})
        for (int64_t at : {int64_t{0}, length / 2, length - 1}) {
          std::vector<float> rows = normal_values(5 * length, 427);
          const std::vector<Sample> without = samples_of_rows(op, rows, length, 1e-5);
          rows[2 * length + at] = special;
          const std::vector<Sample> with = samples_of_rows(op, rows, length, 1e-5);
          for (size_t k = 0; k < with.size(); ++k) {
            std::vector<float> expected = run(without[k]).output;
            const oracle::WithStatistics truth = oracle(with[k]);
            for (size_t i = 0; i < expected.size(); ++i)
              if (std::isnan(truth.output[i].value)) expected[i] = from_bits(kNanBits);
            ASSERT_TRUE(same_bits(expected, run(with[k]).output, with[k].inputs))
                << place(with[k]) << ", row 2 has " << show(special) << " at " << at;
          }
        }
}

TEST_P(NormalizationExtremes, SpecialWeightAndBias) {
  const std::vector<float> specials = {from_bits(0xffc00001), kInfinity, -kInfinity, 0.0f, -0.0f, kLargest};
  for (const std::string &op : kReducing) {
    Operation n(op);
    n.of_batch(true);
    n.with("num_groups", 12);
    for (float w : specials)
      for (float b : specials) n.values("weight").push_back(w), n.values("bias").push_back(b);
    const Sample sample{n, {2, 36, 10}, normal_values(720, 428)};
    const Results results = run(sample);
    EXPECT_TRUE(near_oracle(n, oracle(sample), results, 1e-6)) << place(sample);
  }
}

}  // namespace
}  // namespace kiln::test
