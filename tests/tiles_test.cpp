// Tensors that no kernel takes as they lie: they are walked in tiles, shared out over threads, and the bits are those
// of dense ones.
#include <algorithm>
#include <numeric>

#include "support/array.h"
#include "support/inputs.h"
#include "support/operators.h"
#include "support/random.h"

namespace kiln::test {
namespace {

// As many threads as a call may have: the app's parallel_for then sees a piece for each task, up to that many.
constexpr int kThreads = 200;

struct Pool {
  std::vector<int64_t> counts;  // of pieces, a call each
  static void run(void *data, int64_t count, kiln_parallel_body body, void *body_data) {
    static_cast<Pool *>(data)->counts.push_back(count);
    for (int64_t i = 0; i < count; ++i) body(body_data, i);
  }
};

class SharedOut : public ::testing::Test {
 protected:
  SharedOut() { context_.threads(kThreads).parallel_for(Pool::run, &pool_); }

  // layer_norm over the last dimension, from one layout to another; returns what the pool was given.
  std::vector<int64_t> pieces(const Layout &from, const Layout &to) {
    const std::vector<float> inputs = normal_values(from.count(), 611, 1, 2);
    const int64_t length = from.shape.back();
    const auto normalize = [&](const kiln_context *context, Array &x, Array &y) {
      DLTensor input = x.tensor(), output = y.tensor();
      return succeeded(kiln_layer_norm(context, &input, &length, 1, nullptr, nullptr, 1e-5, &output));
    };
    Array x(from, inputs), y(to), plain(dense(from.shape), inputs);
    EXPECT_TRUE(normalize(Context().threads(1), plain, plain));
    pool_.counts.clear();
    EXPECT_TRUE(normalize(context_, x, y));
    EXPECT_TRUE(same_bits(plain.get(), y.get(), inputs));
    EXPECT_TRUE(same_bits(inputs, x.get(), inputs)) << "the input was written";
    EXPECT_TRUE(y.surroundings_untouched());
    return pool_.counts;
  }

  Pool pool_;
  Context context_;
};

const Extents kLarge = {1024, 1024}, kSmall = {16, 16};
constexpr int64_t kLeastTasks = 16;  // of 2^20 values

TEST_F(SharedOut, CopiesOfTransposedMatrices) {
  const Layout turned = permuted(kLarge, {1, 0});
  const std::vector<int64_t> both = pieces(turned, turned), one = pieces(turned, dense(kLarge));
  ASSERT_EQ(both.size(), 3u) << "a copy in, the rows, a copy out";
  ASSERT_EQ(one.size(), 2u) << "a copy into the output, the rows";
  for (const auto &counts : {both, one})
    for (int64_t count : counts) EXPECT_GE(count, kLeastTasks);
}

TEST_F(SharedOut, CopiesOfLinesWithGaps) {
  const Layout steps = stepped(kLarge, 2), backwards = reversed(dense(kLarge), 1);
  for (const Layout &from : {steps, backwards}) {
    const std::vector<int64_t> counts = pieces(from, dense(kLarge));
    ASSERT_EQ(counts.size(), 2u) << show(from);
    for (int64_t count : counts) EXPECT_GE(count, kLeastTasks) << show(from);
  }
}

TEST_F(SharedOut, SmallOnesAreNot) {
  const Layout turned = permuted(kSmall, {1, 0});
  EXPECT_TRUE(pieces(turned, turned).empty());
  EXPECT_TRUE(pieces(turned, dense(kSmall)).empty());
}

class Elementwise : public SharedOut {
 protected:
  ::testing::AssertionResult gives(const std::vector<float> &expected, const std::vector<float> &inputs,
                                   const Layout &from, const Layout &to) {
    Array x(from, inputs, 1), y(to, 3), both(from, inputs, 2);
    const std::string where = show(from) + " to " + show(to);
    if (auto same = maps(expected, inputs, x, y); !same) return same << ' ' << where;
    if (auto same = maps(expected, inputs, both, both); !same) return same << ' ' << show(from) << " in place";
    return x.surroundings_untouched();
  }
  ::testing::AssertionResult maps(const std::vector<float> &expected, const std::vector<float> &inputs, Array &x,
                                  Array &y) {
    DLTensor input = x.tensor(), output = y.tensor();
    if (auto ok = succeeded(op_.run(context_, &input, &output)); !ok) return ok;
    if (auto same = same_bits(expected, y.get(), inputs); !same) return same;
    return y.surroundings_untouched();
  }

  const ElementwiseOperator &op_ = any_elementwise_operator();
};

TEST_F(Elementwise, IsSharedOutToo) {
  const std::vector<float> inputs = mixed_values(dense(kLarge).count(), 612);
  const std::vector<float> expected = reference_bits(op_, KILN_ACCURACY_EXACT, inputs);
  EXPECT_TRUE(gives(expected, inputs, permuted(kLarge, {1, 0}), dense(kLarge)));
  ASSERT_EQ(pool_.counts.size(), 2u);
  for (int64_t count : pool_.counts) EXPECT_GE(count, kLeastTasks);
}

// Extents on either side of a tile's and of a long line's, in each order to each order.
TEST_F(Elementwise, EveryOrderOfDimensions) {
  for (const Extents &shape : {Extents{33, 65}, Extents{130, 31}, Extents{5, 67, 34}, Extents{2, 35, 3, 40},
                               Extents{129, 2, 17}, Extents{1200, 3}}) {
    const std::vector<float> inputs = mixed_values(dense(shape).count(), 613);
    const std::vector<float> expected = reference_bits(op_, KILN_ACCURACY_EXACT, inputs);
    std::vector<int> order(shape.size());
    std::iota(order.begin(), order.end(), 0);
    do {
      const Layout layout = permuted(shape, order);
      ASSERT_TRUE(gives(expected, inputs, layout, dense(shape)));
      ASSERT_TRUE(gives(expected, inputs, dense(shape), layout));
      ASSERT_TRUE(gives(expected, inputs, layout, stepped(shape, 3)));
      ASSERT_TRUE(gives(expected, inputs, reversed(layout, 0), padded(shape, 2)));
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

TEST_F(Elementwise, ManySmallDimensions) {
  Random random(614);
  for (int round = 0; round < 40; ++round) {
    Extents shape(random.integer(6, 11));
    for (int64_t &extent : shape) extent = random.integer(2, 3);
    std::vector<int> orders[2];
    for (std::vector<int> &order : orders) {
      order.resize(shape.size());
      std::iota(order.begin(), order.end(), 0);
      for (size_t i = order.size(); i-- > 1;) std::swap(order[i], order[random.integer(0, static_cast<int64_t>(i))]);
    }
    const std::vector<float> inputs = mixed_values(dense(shape).count(), 615 + round);
    const std::vector<float> expected = reference_bits(op_, KILN_ACCURACY_EXACT, inputs);
    Layout from = permuted(shape, orders[0]);
    if (round % 2) from = reversed(from, 1);
    ASSERT_TRUE(gives(expected, inputs, from, permuted(shape, orders[1])));
  }
}

}  // namespace
}  // namespace kiln::test
