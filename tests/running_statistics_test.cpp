// Running statistics: what batch_norm and instance_norm make of them, and how they normalize by them.
#include <cmath>
#include <limits>

#include "support/expectations.h"
#include "support/inputs.h"
#include "support/near.h"
#include "support/operators.h"
#include "support/rows.h"

namespace kiln::test {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const std::vector<std::string> kWithStatistics = operators_with_statistics();

class RunningStatistics : public IsaTest {
 protected:
  void SetUp() override {
    IsaTest::SetUp();
    if (isa().runs_here) context_.isa(isa().name);
  }
  static Operation normalization(const std::string &op, bool batch, int64_t channels) {
    Operation n(op);
    n.of_batch(batch);
    n.values("running_mean") = normal_values(channels, 441, 3, 2);
    for (float value : normal_values(channels, 442)) n.values("running_var").push_back(value * value + 0.25f);
    return n;
  }
  ::testing::AssertionResult near(const Operation &n, const Extents &shape, const std::vector<float> &inputs) {
    if (auto near = near_oracle(n, oracle_of(n, shape, inputs), run_dense(context_, n, shape, inputs), 1e-6); !near)
      return near << ": " << show(n) << " on " << isa().name << ", shape " << show(shape);
    return ::testing::AssertionSuccess();
  }

  Context context_;
};
KILN_EACH_ISA(RunningStatistics);

TEST_P(RunningStatistics, EveryMomentum) {
  for (const std::string &op : kWithStatistics)
    for (double momentum : {0.1, 0.0, 1.0, 0.5, 1e-3, 1.5, -0.5, 1.0 / 3})
      for (const Extents &shape : {Extents{2, 3, 4}, Extents{1, 5, 777}, Extents{7, 4, 3, 3}, Extents{2, 2, 4097}}) {
        Operation n = normalization(op, true, shape[1]);
        n["momentum"] = momentum;
        ASSERT_TRUE(near(n, shape, normal_values(dense(shape).count(), 443, 5, 3)));
      }
}

// momentum 0 keeps the statistics to the bit.
TEST_P(RunningStatistics, MomentumZeroKeepsThem) {
  for (const std::string &op : kWithStatistics) {
    Operation n = normalization(op, true, 4);
    n["momentum"] = 0;
    const Results results = run_dense(context_, n, {3, 4, 5}, normal_values(60, 444));
    EXPECT_TRUE(same_bits(n.values("running_mean"), results.running_mean)) << op << " on " << isa().name;
    EXPECT_TRUE(same_bits(n.values("running_var"), results.running_var)) << op << " on " << isa().name;
  }
}

// The output does not depend on them where the batch's own are used, nor are they written where they are not.
TEST_P(RunningStatistics, DoNotMeetTheOutput) {
  for (const std::string &op : kWithStatistics) {
    const std::vector<float> inputs = normal_values(60, 445);
    Operation given = normalization(op, true, 4), none(op);
    none.of_batch(true);
    EXPECT_TRUE(same_bits(run_dense(context_, none, {3, 4, 5}, inputs).output,
                          run_dense(context_, given, {3, 4, 5}, inputs).output))
        << op << " on " << isa().name;
    given.of_batch(false);
    const Results results = run_dense(context_, given, {3, 4, 5}, inputs);
    EXPECT_TRUE(same_bits(given.values("running_mean"), results.running_mean)) << op << " on " << isa().name;
    EXPECT_TRUE(same_bits(given.values("running_var"), results.running_var)) << op << " on " << isa().name;
  }
}

// Large means, huge and tiny values: the batch's moments are those of the exact values.
TEST_P(RunningStatistics, OfHardRows) {
  for (const std::string &op : kWithStatistics)
    for (int64_t length : {2, 7, 64, 100, 4097})
      for (const Rows &rows : hard_rows(length))
        for (Sample sample : samples_of_rows(op, rows.values, length, 1e-5)) {
          const Operation with = normalization(op, true, sample.shape[1]);
          sample.operation.values("running_mean") = with.values("running_mean");
          sample.operation.values("running_var") = with.values("running_var");
          ASSERT_TRUE(near(sample.operation, sample.shape, sample.inputs)) << rows.name;
        }
}

// An unbiased variance beyond float32 is infinite; NaN and infinities stay in their channels.
TEST_P(RunningStatistics, OfSpecialChannels) {
  for (const std::string &op : kWithStatistics)
    for (double momentum : {0.1, 0.5, 1.0}) {
      Operation n = normalization(op, true, 6);
      n["momentum"] = momentum;
      std::vector<float> inputs = normal_values(2 * 6 * 5, 446);
      for (int64_t i = 0; i < 5; ++i) inputs[5 + i] *= 1e25f, inputs[10 + i] *= 1e-30f;
      inputs[15] = static_cast<float>(kInfinity), inputs[22] = from_bits(0xffc00001);
      inputs[48] = -static_cast<float>(kInfinity);
      ASSERT_TRUE(near(n, {2, 6, 5}, inputs));
    }
}

TEST_P(RunningStatistics, OfAnEmptyBatchStay) {
  for (const std::string &op : kWithStatistics)
    for (const Extents &shape : {Extents{0, 4, 5}, Extents{3, 4, 0}, Extents{0, 4, 0}}) {
      const Operation n = normalization(op, true, 4);
      const Results results = run_dense(context_, n, shape, {});
      EXPECT_TRUE(same_bits(n.values("running_mean"), results.running_mean))
          << op << " on " << isa().name << show(shape);
      EXPECT_TRUE(same_bits(n.values("running_var"), results.running_var)) << op << " on " << isa().name << show(shape);
    }
}

// Normalizing by given statistics: far from 0, of all sizes, with weight and bias.
TEST_P(RunningStatistics, Given) {
  for (const std::string &op : kWithStatistics)
    for (double mean : {0.0, 30.0, -1e3, 1e6})
      for (double deviation : {1.0, 1e-3, 1e3})
        for (double eps : {0.0, 1e-5, 1.0}) {
          Operation n(op, normal_values(7, 447), normal_values(7, 448));
          n.of_batch(false);
          n["eps"] = eps;
          n.values("running_mean") = normal_values(7, 449, mean * deviation, deviation);
          for (float value : normal_values(7, 450, 0, deviation)) n.values("running_var").push_back(value * value);
          for (const Extents &shape : {Extents{3, 7}, Extents{2, 7, 5}, Extents{2, 7, 9, 11}, Extents{1, 7, 4100}})
            ASSERT_TRUE(near(n, shape, normal_values(dense(shape).count(), 451, mean * deviation, deviation)));
        }
}

// What a small weight brings back into range overflows on no way there; nor does a small deviation under a huge mean.
TEST_P(RunningStatistics, GivenHugeBeforeTheWeight) {
  for (const std::string &op : kWithStatistics) {
    Operation n(op, {1e-3f, 1e-30f, 2, 1e-20f}, {0, 1, 1e38f, -5}, {0, 1e38f, -3e38f, 3e38f}, {1e-2f, 1e-30f, 1e3f, 0});
    n.of_batch(false);
    n["eps"] = 1e-12;
    ASSERT_TRUE(near(n, {1, 4, 3}, {3e38f, -2e38f, 1, 1.5e38f, 1e38f, -3e38f, -3e38f, 3e38f, 0, 3e38f, 1, -3e38f}));
  }
}

// 1 / deviation is infinite.
TEST_P(RunningStatistics, GivenVarianceOfZeroWithoutEps) {
  for (const std::string &op : kWithStatistics) {
    Operation n(op, {}, {}, {0, 1, 1e30f}, {0, -0.0f, 0});
    n.of_batch(false);
    n["eps"] = 0;
    const std::vector<float> inputs = {1, -1, 0, 0, 1, 2, -1e30f, 1e30f, 2e30f};
    EXPECT_TRUE(near_oracle(n, oracle_of(n, {1, 3, 3}, inputs), run_dense(context_, n, {1, 3, 3}, inputs), 0))
        << op << " on " << isa().name;
  }
}

// Variances of 0 and below, infinite, NaN, subnormal and near the largest float, by eps of 0 and more.
TEST_P(RunningStatistics, GivenSpecials) {
  const std::vector<float> specials = {
      0, -0.0f, -0.5f, -1e-6f, 0x1p-149f, 1e-40f, 1e-30f, 1e30f, 3e38f, from_bits(0x7f800000), from_bits(0xffc00001)};
  const int64_t channels = static_cast<int64_t>(specials.size());
  for (const std::string &op : kWithStatistics)
    for (double eps : {0.0, 1e-60, 1e-5, 1.0})
      for (double scale : {1e-35, 1.0, 1e35}) {
        Operation n(op);
        n.of_batch(false);
        n["eps"] = eps, n.values("running_var") = specials;
        if (eps == 0) n.values("running_var")[0] = n.values("running_var")[1] = 1;
        n.values("running_mean") = normal_values(channels, 452, 0, scale);
        const Extents shape = {3, channels, 5};
        const std::vector<float> inputs = normal_values(3 * channels * 5, 453, 0, scale);
        oracle::WithStatistics expected = oracle_of(n, shape, inputs);
        for (oracle::Normalized &r : expected.output) r.magnitude = std::fabs(r.value);
        const Results results = run_dense(context_, n, shape, inputs);
        ASSERT_TRUE(near_oracle(n, expected, results, 1e-6)) << show(n) << " on " << isa().name << ", scale " << scale;
      }
}

// One batch after another, as training goes.
TEST_P(RunningStatistics, AccumulateOverBatches) {
  for (const std::string &op : kWithStatistics) {
    Operation n(op);
    n.of_batch(true);
    n.values("running_mean").assign(3, 0), n.values("running_var").assign(3, 1);
    for (int batch = 0; batch < 100; ++batch) {
      const Results results = run_dense(context_, n, {4, 3, 16}, normal_values(4 * 3 * 16, 460 + batch, 7, 2));
      n.values("running_mean") = results.running_mean, n.values("running_var") = results.running_var;
    }
    for (int c = 0; c < 3; ++c) {
      EXPECT_NEAR(n.values("running_mean")[c], 7, 0.2) << op << " on " << isa().name;
      EXPECT_NEAR(n.values("running_var")[c], 4, 0.8) << op << " on " << isa().name;
    }
  }
}

}  // namespace
}  // namespace kiln::test
