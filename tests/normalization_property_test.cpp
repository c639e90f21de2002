// The property that everything rests on: a sample's bits are the same alone and in any batch, at any position, on any
// number of threads, and in both layouts.
#include <algorithm>
#include <numeric>

#include "support/expectations.h"
#include "support/inputs.h"
#include "support/operators.h"
#include "support/random.h"

namespace kiln::test {
namespace {

class NormalizationProperty : public IsaTest {
 protected:
  void SetUp() override {
    IsaTest::SetUp();
    if (isa().runs_here) context_.isa(isa().name);
  }
  Results run_in(const Operation &n, const Layout &layout, const std::vector<float> &inputs) {
    Array from(layout, inputs), to(layout);
    Results results;
    EXPECT_TRUE(succeeded(run(context_, n, from, to, &results))) << show(n) << " on " << isa().name;
    return results;
  }
  std::string place(const Operation &n, const Layout &layout) const {
    return show(n) + " on " + isa().name + ", " + show(layout);
  }

  Context context_;
};
KILN_EACH_ISA(NormalizationProperty);

std::vector<Layout> both_layouts(const Extents &shape) { return {dense(shape), channels_last(shape)}; }

TEST_P(NormalizationProperty, EveryNumberOfThreads) {
  Turns of_threads(3), of_samples(4);
  for (const Extents &shape : {Extents{2, 32, 40, 40}, Extents{1, 6, 100003}, Extents{500, 8, 7}, Extents{3000, 24},
                               Extents{1, 300, 7, 7}, Extents{4, 8, 4097}}) {
    of_samples.next_round();
    const std::vector<Operation> samples = normalization_samples(shape);
    for (size_t i = 0; i < samples.size(); ++i) {
      if (!of_samples.has(i)) continue;
      const Operation &n = samples[i];
      const std::vector<float> inputs = normal_values(dense(shape).count(), 541, 0.5, 2);
      const Results expected = reference_bits(n, shape, inputs);
      of_threads.next_round();
      for (const Layout &layout : both_layouts(shape))
        for (int threads = 1; threads <= 5; ++threads) {
          if (!of_threads.has(threads)) continue;
          context_.threads(threads);
          ASSERT_TRUE(same_bits(expected, run_in(n, layout, inputs), inputs))
              << place(n, layout) << ", " << threads << " threads";
        }
    }
  }
}

// Any order of the samples, of which each gives its own result; and one alone.
TEST_P(NormalizationProperty, EveryBatchAndPosition) {
  Random random(542);
  for (const Extents &shape : {Extents{7, 8, 19}, Extents{5, 12, 7, 7}, Extents{17, 40}, Extents{3, 4, 4097}})
    for (const Operation &n : normalization_samples(shape)) {
      if (!expectation_of(n.name()).by_sample(n)) continue;
      const int64_t samples = shape[0], length = dense(shape).count() / samples;
      const std::vector<float> inputs = mixed_values(dense(shape).count(), 543);
      const Results all = reference_bits(n, shape, inputs);
      const auto sample = [length](const std::vector<float> &of, int64_t i) {
        return std::vector<float>(of.begin() + i * length, of.begin() + (i + 1) * length);
      };
      std::vector<int64_t> order(samples);
      std::iota(order.begin(), order.end(), 0);
      for (size_t d = order.size(); d > 1; --d) std::swap(order[d - 1], order[random.integer(0, d - 1)]);
      std::vector<float> shuffled, expected;
      const auto append = [length](std::vector<float> *to, const std::vector<float> &of, int64_t i) {
        to->insert(to->end(), of.begin() + i * length, of.begin() + (i + 1) * length);
      };
      for (int64_t i : order) append(&shuffled, inputs, i), append(&expected, all.output, i);
      for (const Layout &layout : both_layouts(shape))
        ASSERT_TRUE(same_bits(expected, run_in(n, layout, shuffled).output, shuffled)) << place(n, layout);
      Extents one = shape;
      one[0] = 1;
      if (n.is("group_norm") && length == n["num_groups"].integer) continue;  // an error for one sample
      for (const Layout &layout : both_layouts(one))
        for (int64_t i : {int64_t{0}, samples / 2, samples - 1})
          ASSERT_TRUE(same_bits(sample(all.output, i), run_in(n, layout, sample(inputs, i)).output, sample(inputs, i)))
              << place(n, layout) << ", sample " << i << " alone";
    }
}

// All at once, drawn at random: shape, layout, threads.
TEST_P(NormalizationProperty, LayoutsAndThreadsTogether) {
  Random random(544);
  for (int round = 0; round < (thinning() == 1 ? 40 : 10); ++round) {
    Extents shape = {random.integer(1, 12), 4 * random.integer(1, 20)};
    for (int64_t d = random.integer(0, 2); d > 0; --d) shape.push_back(random.integer(1, 40));
    for (const Operation &n : some_of(normalization_samples(shape), 3, round)) {
      const std::vector<float> inputs = normal_values(dense(shape).count(), 5500 + round, -1, 3);
      const Results expected = reference_bits(n, shape, inputs);
      const Layout strided = random_layout(random, shape, false);
      for (const Layout &layout : {dense(shape), channels_last(shape), strided}) {
        context_.threads(static_cast<int>(random.integer(1, 5)));
        ASSERT_TRUE(same_bits(expected, run_in(n, layout, inputs), inputs)) << place(n, layout) << ", round " << round;
      }
    }
  }
}

// A row's statistics are those of its values in the order of the index (sample, then space), however it is shaped: one
// plane, many samples, many spatial dimensions.
TEST_P(NormalizationProperty, SpatialShapeDoesNotMatter) {
  for (const std::string &op : operators_of_family("channel_norm"))
    for (int64_t space : {36, 4096, 8100}) {
      Operation n(op);
      n.of_batch(true);
      n.with("num_groups", 2);
      const std::vector<float> inputs = normal_values(2 * 4 * space, 545, 1, 3);
      const Results expected = run_in(n, dense({2, 4, space}), inputs);
      for (const Extents &shape :
           {Extents{2, 4, 1, space}, Extents{2, 4, space / 4, 4}, Extents{2, 4, 2, space / 4, 2}})
        for (const Layout &layout : both_layouts(shape))
          ASSERT_TRUE(same_bits(expected, run_in(n, layout, inputs), inputs)) << place(n, layout);
    }
}

}  // namespace
}  // namespace kiln::test
