// Numbers at the edge of float32: where the formula's result in float64 is a float32 number or an infinity, that is
// what comes, to within one unit in the last place of the formula's largest term.
#include <algorithm>
#include <cmath>
#include <limits>

#include "oracle/ulp.h"
#include "support/expectations.h"
#include "support/inputs.h"
#include "support/near.h"
#include "support/operators.h"
#include "support/random.h"
#include "support/rows.h"

namespace kiln::test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity(), kLargest = std::numeric_limits<float>::max();

class EdgeValues : public IsaTest {
 protected:
  void SetUp() override {
    IsaTest::SetUp();
    if (isa().runs_here) context_.isa(isa().name);
  }

  // standardized * weight + bias with one unit of the larger of the two terms.
  ::testing::AssertionResult near_terms(const Operation &operation, const Extents &shape,
                                        const std::vector<float> &inputs) {
    Operation plain = operation, unbiased = operation;
    plain.values("weight").clear(), plain.values("bias").clear(), unbiased.values("bias").clear();
    const auto whole = oracle_of(operation, shape, inputs).output, term = oracle_of(unbiased, shape, inputs).output;
    const std::vector<float> results = run_dense(context_, operation, shape, inputs).output;
    for (size_t i = 0; i < results.size(); ++i) {
      const double value = whole[i].value, bias = value - term[i].value;
      const double largest = std::fmax(std::fabs(term[i].value), std::fabs(bias));
      const bool finite = std::isfinite(value) && std::fabs(value) <= kLargest;
      const bool right = std::isnan(value) ? bits_of(results[i]) == kNanBits
                         : finite          ? std::fabs(results[i] - value) <= oracle::ulp(largest)
                                           : oracle::ulp_error(results[i], value) <= 1;
      if (!right)
        return ::testing::AssertionFailure() << show(operation) << " on " << isa().name << ", index " << i << ", input "
                                             << show(inputs[i]) << ": expected " << value << ", got "
                                             << show(results[i]) << ", where one unit is " << oracle::ulp(largest);
    }
    return ::testing::AssertionSuccess();
  }

  // Reductions have their own error on top.
  ::testing::AssertionResult near_reduction(const Sample &sample) {
    const Results results = run_dense(context_, sample.operation, sample.shape, sample.inputs);
    if (auto near =
            near_oracle(sample.operation, oracle_of(sample.operation, sample.shape, sample.inputs), results, 1e-6);
        !near)
      return near << ": " << show(sample.operation) << " on " << isa().name << ", shape " << show(sample.shape);
    return ::testing::AssertionSuccess();
  }

  static Operation with_statistics(const std::string &op, const std::vector<float> &mean, const std::vector<float> &var,
                                   double eps) {
    Operation n(op);
    n.of_batch(false);
    n.values("running_mean") = mean, n.values("running_var") = var;
    n["eps"] = eps;
    return n;
  }

  Context context_;
};
KILN_EACH_ISA(EdgeValues);

const std::vector<std::string> kWithStatistics = operators_with_statistics();

TEST_P(EdgeValues, InfiniteWeight) {
  for (const std::string &op : kWithStatistics) {
    Operation n = with_statistics(op, {0.5f, 1, -2}, {1, 4, 0.25f}, 1e-5);
    for (float w : {kInfinity, -kInfinity}) {
      n.values("weight") = {w, w, w};
      EXPECT_TRUE(near_terms(n, {2, 3, 4}, normal_values(24, 831)));
      n.values("bias") = {3, -kInfinity, kInfinity};
      EXPECT_TRUE(near_terms(n, {2, 3, 4}, normal_values(24, 832)));
      n.values("bias").clear();
    }
  }
  for (const char *op : {"group_norm", "layer_norm", "batch_norm", "instance_norm"})
    for (Sample sample : samples_of_rows(op, normal_values(32, 833), 8, 1e-5)) {
      const int64_t count = dense(sample.operation.shape_of("weight", sample.shape)).count();
      for (int64_t i = 0; i < count; ++i) sample.operation.values("weight").push_back(i % 2 ? kInfinity : -kInfinity);
      EXPECT_TRUE(near_terms(sample.operation, sample.shape, sample.inputs));
    }
}

// The deviation is 0: what is above the mean is infinite, what is at it NaN.
TEST_P(EdgeValues, VarianceOfZeroWithoutEps) {
  for (const std::string &op : kWithStatistics) {
    Operation n = with_statistics(op, {0.5f, 0, 1e30f}, {0, -0.0f, 0}, 0);
    const std::vector<float> inputs = {1, -2, 0.5f, 0, 1, -1e-45f, 1e30f, 2e30f, -1e30f};
    EXPECT_TRUE(near_terms(n, {1, 3, 3}, inputs));
    n.values("weight") = {-1e-30f, 1e30f, -2}, n.values("bias") = {1e38f, -3, 0};
    EXPECT_TRUE(near_terms(n, {1, 3, 3}, inputs));
  }
}

// A factor of 0 leaves the bias, however large the scale would be.
TEST_P(EdgeValues, WeightOfZeroOverATinyDeviation) {
  for (const std::string &op : kWithStatistics)
    for (double eps : {1e-60, 1e-150, 1e-300}) {
      Operation n = with_statistics(op, {0, 1}, {0, 0}, eps);
      n.values("weight") = {0, -0.0f}, n.values("bias") = {3, -2};
      EXPECT_TRUE(near_terms(n, {1, 2, 3}, {1e12f, 3e38f, -1, 1, -1e20f, 1e-40f}));
    }
}

TEST_P(EdgeValues, InfiniteInput) {
  for (const std::string &op : kWithStatistics)
    for (double eps : {1e-5, 1.0, 1e160, 1e300})
      EXPECT_TRUE(near_terms(with_statistics(op, {0.5f, -1e38f}, {1, 3e38f}, eps), {1, 2, 3},
                             {kInfinity, -kInfinity, 1, kInfinity, 3e38f, -kInfinity}));
}

// Terms near the largest float and of opposite sign: their sum is finite, under a mean far from 0 too.
TEST_P(EdgeValues, BiasAgainstWeight) {
  Random random(834);
  for (const std::string &op : kWithStatistics)
    for (int round = 0; round < 400; ++round) {
      const double mean = random.normal() * std::pow(10.0, static_cast<double>(random.integer(0, 12)));
      const double variance = std::pow(10.0, random.unit() * 8 - 4), sign = random.chance(2) ? 1 : -1;
      Operation n = with_statistics(op, {static_cast<float>(mean)}, {static_cast<float>(variance)},
                                    random.chance(2) ? 1e-5 : random.unit());
      n.values("weight") = {static_cast<float>(sign * random.unit() * kLargest * 0.2)};
      n.values("bias") = {static_cast<float>(sign * (1 - 0.1 * random.unit()) * kLargest)};
      std::vector<float> inputs;
      for (int i = 0; i < 6; ++i) inputs.push_back(static_cast<float>(mean + std::sqrt(variance) * random.normal()));
      ASSERT_TRUE(near_terms(n, {1, 1, 6}, inputs)) << "round " << round;
    }
}

// The term alone is beyond float32, by values near the largest.
TEST_P(EdgeValues, BiasAgainstLargeInputs) {
  for (const std::string &op : kWithStatistics)
    for (float bias : {-kInfinity, -3.4e38f, -3e38f, 3.3e38f})
      for (float variance : {0.01f, 0.25f, 0.9f, 1e-30f}) {
        Operation n = with_statistics(op, {0, -1e38f}, {variance, variance}, 1e-5);
        n.values("weight") = {1, 0.75f}, n.values("bias") = {bias, bias};
        EXPECT_TRUE(near_terms(n, {1, 2, 4}, {3e38f, -3e38f, 1e38f, 1e-40f, 3.3e38f, -3.3e38f, 2e38f, 1}));
      }
}

// A row of rms_norm whose quotient is subnormal, or below, under a weight that brings it back.
TEST_P(EdgeValues, SmallQuotientsUnderALargeWeight) {
  struct Row {
    std::vector<float> inputs, weight;
  };
  for (const Row &row :
       {Row{{1e30f, 1e-30f, 1e-39f}, {1, 3.3e38f, 3.3e38f}}, Row{{1e38f, 1e-5f, 1e-38f}, {1, 1e37f, 3.3e38f}},
        Row{{1e38f, -1e-45f, 1}, {2, kInfinity, -3.3e38f}}}) {
    Operation n("rms_norm");
    n.values("weight") = row.weight;
    n["normalized_shape"] = Extents{3};
    n["eps"] = 1e-6;
    EXPECT_TRUE(near_oracle(n, oracle_of(n, {1, 3}, row.inputs), run_dense(context_, n, {1, 3}, row.inputs), 0))
        << show(n) << " on " << isa().name;
  }
}

// The same with statistics of the values themselves, under a mean far from 0.
TEST_P(EdgeValues, BiasAgainstWeightOfReductions) {
  Random random(836);
  for (const char *op : {"batch_norm", "group_norm", "instance_norm", "layer_norm"})
    for (int round = 0; round < 50; ++round) {
      const double mean = std::pow(10.0, static_cast<double>(random.integer(0, 8)));
      for (Sample sample : samples_of_rows(op, normal_values(16, 837 + round, mean, 0.36), 8, 1e-5)) {
        Operation &n = sample.operation;
        const int64_t count = dense(n.shape_of("weight", sample.shape)).count();
        for (int64_t i = 0; i < count; ++i) {
          const double sign = random.chance(2) ? 1 : -1;
          n.values("weight").push_back(static_cast<float>(sign * random.unit() * kLargest * 0.3));
          n.values("bias").push_back(static_cast<float>(sign * random.unit() * kLargest));
        }
        ASSERT_TRUE(near_reduction(sample)) << "round " << round << ", mean " << mean;
      }
    }
}

TEST_P(EdgeValues, SubnormalRowsUnderALargeWeight) {
  for (const char *op : {"group_norm", "instance_norm", "layer_norm"})
    for (float weight : {-1.2e35f, -3.6f, 3e34f, 1e-30f})  // weight / deviation is below 2^254
      for (Sample sample : samples_of_rows(op, {-7e-42f, 3e-42f, 1e-41f, -2e-42f}, 4, 0)) {
        const int64_t count = dense(sample.operation.shape_of("weight", sample.shape)).count();
        sample.operation.values("weight") = std::vector<float>(count, weight);
        EXPECT_TRUE(near_reduction(sample));
      }
}

// The norm of a negative p with a zero in the slice is 0, and eps stands for it: 0, or no less than 2^-254.
TEST_P(EdgeValues, NormalizeByATinyEps) {
  for (double p : {-1.0, -2.0, -0.5, -3.3, -static_cast<double>(kInfinity)})
    for (double eps : {0.0, 4e-77, 1e-60, 1e-45, 1e-38})
      for (const std::vector<float> &inputs : {std::vector<float>{1e-40f, 0, 1, -2},
                                               {-0.0f, 1e-45f, -3, 3e38f},
                                               {0, -0.0f, 0, -0.0f},
                                               {kInfinity, 0, -1e-45f, 1}}) {
        Operation n("normalize");
        n["p"] = p, n["eps"] = eps;
        EXPECT_TRUE(near_oracle(n, oracle_of(n, {1, 4}, inputs), run_dense(context_, n, {1, 4}, inputs), 0))
            << show(n) << " on " << isa().name << ", first input " << show(inputs[0]);
      }
}

// An infinite value over an infinite norm or eps is NaN, over a finite one infinite, however large.
TEST_P(EdgeValues, NormalizeInfinities) {
  for (double p :
       {2.0, 1.0, 3.0, 0.5, 0.0, -1.0, -2.0, static_cast<double>(kInfinity), -static_cast<double>(kInfinity)})
    for (double eps : {1e-12, 0.5, 1e300, static_cast<double>(kInfinity)})
      for (const std::vector<float> &inputs :
           {std::vector<float>{kInfinity}, {-kInfinity, kInfinity}, {kInfinity, 1, -3e38f}, {-kInfinity, 0, 2}}) {
        const Extents shape = {1, static_cast<int64_t>(inputs.size())};
        Operation n("normalize");
        n["p"] = p, n["eps"] = eps;
        EXPECT_TRUE(near_oracle(n, oracle_of(n, shape, inputs), run_dense(context_, n, shape, inputs), 0))
            << show(n) << " on " << isa().name << ", " << inputs.size() << " values";
      }
}

// The statistics near the largest float, by a momentum beyond 1: no term of theirs overflows before the sum does.
TEST_P(EdgeValues, RunningStatisticsNearTheLargestFloat) {
  for (const std::string &op : kWithStatistics)
    for (double momentum : {1.24, -0.3, 0.1, 1.0, 2.0}) {
      Operation n(op);
      n.of_batch(true);
      n["momentum"] = momentum;
      n.values("running_mean") = {3e38f, -3e38f, 3.4e38f, 1e38f}, n.values("running_var") = {3e38f, 1, 2e38f, 0};
      std::vector<float> inputs;
      for (float mean : {3.2e38f, -2.9e38f, 3.3e38f, -1e38f})
        for (int i = 0; i < 5; ++i) inputs.push_back(mean + static_cast<float>(i - 2) * 1e19f);
      EXPECT_TRUE(near_oracle(n, oracle_of(n, {1, 4, 5}, inputs), run_dense(context_, n, {1, 4, 5}, inputs), 1e-6))
          << show(n) << " on " << isa().name;
    }
}

// The same of numbers at random, of few values and of many, where the formula's result is a float32.
TEST_P(EdgeValues, RunningStatisticsOfLargeNumbers) {
  Random random(835);
  const auto large = [&] { return static_cast<float>((random.chance(2) ? 1 : -1) * random.unit() * kLargest); };
  for (const std::string &op : kWithStatistics)
    for (int round = 0; round < 300; ++round) {
      Operation n(op);
      n.of_batch(true);
      n["momentum"] = random.unit() * 3 - 1;
      n.values("running_mean") = {large(), large()};
      n.values("running_var") = {std::fabs(large()), std::fabs(large())};
      const Extents shape = {random.integer(1, 3), 2, random.chance(10) ? 4100 : random.integer(2, 9)};
      std::vector<float> inputs;
      for (int64_t channel = 0; channel < 2 * shape[0]; ++channel) {
        const float mean = large();
        const double spread = random.chance(2) ? 1e-3 : 1;
        for (int64_t i = 0; i < shape[2]; ++i) inputs.push_back(mean * static_cast<float>(1 - spread * random.unit()));
      }
      ASSERT_TRUE(near_oracle(n, oracle_of(n, shape, inputs), run_dense(context_, n, shape, inputs), 1e-6))
          << show(n) << " on " << isa().name << ", shape " << show(shape) << ", round " << round;
    }
}

}  // namespace
}  // namespace kiln::test
