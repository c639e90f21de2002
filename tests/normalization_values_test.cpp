// Normalizations over channels against the float64 oracle: finite inputs of ordinary size.
#include <cmath>

#include "support/expectations.h"
#include "support/inputs.h"
#include "support/near.h"
#include "support/operators.h"
#include "support/random.h"
#include "support/rows.h"

namespace kiln::test {
namespace {

const std::vector<std::string> kReducing = operators_of_family("channel_norm");

class NormalizationValues : public IsaTest {
 protected:
  ::testing::AssertionResult near(const Sample &sample, double tolerance) {
    Context context;
    context.isa(isa().name);
    const Operation &n = sample.operation;
    if (auto near = near_oracle(n, oracle_of(n, sample.shape, sample.inputs),
                                run_dense(context, n, sample.shape, sample.inputs), tolerance);
        !near)
      return near << ": " << show(n) << " on " << isa().name << ", shape " << show(sample.shape);
    return ::testing::AssertionSuccess();
  }
  // Every `step`-th kind whose turn it is.
  void expect_hard_rows(const std::string &op, int64_t length, size_t step = 1, Turns turns = Turns(1)) {
    const std::vector<Rows> kinds = hard_rows(length);
    for (size_t k = 0; k < kinds.size(); k += step) {
      if (!turns.has(k / step)) continue;
      for (const Sample &sample : samples_of_rows(op, kinds[k].values, length, 1e-5))
        ASSERT_TRUE(near(sample, kinds[k].tolerance)) << kinds[k].name;
    }
  }
};
KILN_EACH_ISA(NormalizationValues);

TEST_P(NormalizationValues, HardRows) {
  for (const std::string &op : kReducing)
    for (int64_t length : {2, 3, 7, 49, 63, 64, 65, 100, 511, 512, 513, 768, 1000, 3136}) expect_hard_rows(op, length);
}

TEST_P(NormalizationValues, LengthsAroundSegments) {
  size_t round = 0;
  for (const std::string &op : kReducing)
    for (int64_t length : some_of<int64_t>({4095, 4096, 4097, 8191, 8192, 8193, 3 * 4096 + 1}, 3, round++))
      expect_hard_rows(op, length);
}

TEST_P(NormalizationValues, LongRows) {
  Turns turns(9);
  for (const std::string &op : kReducing) {
    expect_hard_rows(op, 100000, 1, turns);
    if (thinning() == 1) expect_hard_rows(op, 1 << 20, 4);
    turns.next_round();
  }
}

TEST_P(NormalizationValues, EveryLengthAroundVectors) {
  for (const std::string &op : kReducing)
    for (int64_t length = 2; length <= 3 * 64 + 1; ++length)
      for (const Sample &sample : samples_of_rows(op, normal_values(3 * length, length, 0.5, 2), length, 1e-5))
        ASSERT_TRUE(near(sample, 5e-7));
}

// As networks have them: planes of 1, 7x7, 56x56 and 1x100000, some channels, some samples.
TEST_P(NormalizationValues, Images) {
  for (const Extents &space : {Extents{1}, Extents{7, 7}, Extents{56, 56}, Extents{1, 100000}, Extents{9, 8, 7}})
    for (int64_t samples : {1, 2, 5})
      for (int64_t channels : {1, 6, 32}) {
        Extents shape = {samples, channels};
        shape.insert(shape.end(), space.begin(), space.end());
        const int64_t count = dense(shape).count();
        if (count > (thinning() == 1 ? 4000000 : 1000000)) continue;
        const std::vector<float> inputs = normal_values(count, 401, 1, 2);
        for (const std::string &op : kReducing) {
          Operation n(op, normal_values(channels, 402, 1, 0.3), normal_values(channels, 403));
          n.of_batch(!n.is("instance_norm") || dense(space).count() > 1);
          if ((n.has_statistics() && !n.of_batch()) || (n.is("batch_norm") && count == channels)) continue;
          for (int64_t groups : {int64_t{1}, channels / 2, channels}) {
            n.with("num_groups", std::max<int64_t>(groups, 1));
            if (n.is("group_norm") && samples * n["num_groups"].integer == count) continue;
            ASSERT_TRUE(near({n, shape, inputs}, 1e-6));
            if (!n.is("group_norm")) break;
          }
        }
      }
}

TEST_P(NormalizationValues, WeightAndBiasPresentOrNot) {
  for (const std::string &op : kReducing)
    for (bool with_weight : {false, true})
      for (bool with_bias : {false, true})
        for (double eps : {1e-60, 1e-12, 1e-5, 0.5, 1e10})
          for (const Extents &shape : {Extents{3, 6, 5}, Extents{2, 6, 4, 33}}) {
            Operation n(op);
            n.of_batch(true);
            n.with("eps", eps).with("num_groups", 3);
            if (with_weight) n.values("weight") = normal_values(6, 404, 0.2, 1);
            if (with_bias) n.values("bias") = normal_values(6, 405, -0.3, 2);
            ASSERT_TRUE(near({n, shape, normal_values(dense(shape).count(), 406)}, 1e-6));
          }
}

// Of two to five dimensions; with every argument, the given statistics too.
TEST_P(NormalizationValues, RandomShapes) {
  Random random(407);
  for (int round = 0; round < 300; ++round) {
    Operation n(kReducing[round % kReducing.size()]);
    const int64_t groups = random.integer(1, 4), channels = groups * random.integer(1, 5);
    Extents shape = {random.integer(1, 4), channels};
    for (int64_t d = random.integer(0, 3); d > 0; --d) shape.push_back(random.integer(1, 9));
    const int64_t count = dense(shape).count(), values = count / channels;
    n.with("num_groups", groups).with("eps", random.chance(2) ? 1e-3 : 1e-5).with("momentum", random.unit());
    n.of_batch(!random.chance(3) && values / (n.is("instance_norm") ? shape[0] : 1) > 1);
    if (n.is("group_norm") && count == groups) continue;
    if (random.chance(2)) n.values("weight") = normal_values(channels, 4100 + round);
    if (random.chance(2)) n.values("bias") = normal_values(channels, 4500 + round);
    if (n.has_statistics() && (!n.of_batch() || random.chance(2))) {
      n.values("running_mean") = normal_values(channels, 5000 + round, 2);
      for (float value : normal_values(channels, 5500 + round)) n.values("running_var").push_back(value * value);
    }
    ASSERT_TRUE(near({n, shape, normal_values(count, 6000 + round, 2, 5)}, 1e-6)) << "round " << round;
  }
}

// eps is a double: 1e-60 is no zero, and 1e60 no infinity.
TEST_P(NormalizationValues, EpsIsADouble) {
  for (const std::string &op : kReducing)
    for (const auto &[deviation, eps] : {std::pair{0.0, 1e-60}, {1e30, 1e60}, {1e-30, 1e-60}})
      for (const Sample &sample : samples_of_rows(op, normal_values(128, 408, 0, deviation), 64, eps))
        ASSERT_TRUE(near(sample, 1e-6));
}

}  // namespace
}  // namespace kiln::test
