// Gradients of elementwise operators where they differ from operators of one input: any grad_output, three layouts,
// results over either input. With a grad_output of ones they pass the tests of all elementwise operators, too.
#include <cmath>

#include "oracle/ulp.h"
#include "support/array.h"
#include "support/compare.h"
#include "support/element_type.h"
#include "support/inputs.h"
#include "support/near.h"
#include "support/operators.h"
#include "support/random.h"

namespace kiln::test {
namespace {

// What memory holds, of float32 or of words.
template <class Memory>
kiln_status run(const ElementwiseOperator &op, const kiln_context *context, Memory &grad_output, Memory &input,
                Memory &grad_input) {
  DLTensor g = grad_output.tensor(), x = input.tensor(), result = grad_input.tensor();
  DLTensor *const tensors[] = {&g, &x, &result};
  return op.row->call(context, tensors, nullptr);
}

class Gradient : public ElementwiseTest {
 protected:
  void SetUp() override {
    ElementwiseTest::SetUp();
    if (isa().runs_here) context_.isa(isa().name);
  }
  const oracle::ElementwiseOracle &oracle() const { return oracle::elementwise_oracle(op().name); }
  std::vector<float> run_dense(const kiln_context *context, const std::vector<float> &grad_output,
                               const std::vector<float> &input) const {
    const Layout layout = dense({static_cast<int64_t>(input.size())});
    Array g(layout, grad_output), x(layout, input), result(layout);
    EXPECT_TRUE(succeeded(run(op(), context, g, x, result)));
    return result.get();
  }
  // By the baseline kernel on one thread.
  std::vector<float> reference(const std::vector<float> &grad_output, const std::vector<float> &input) const {
    Context context;
    context.isa(baseline().name).threads(1);
    return run_dense(context, grad_output, input);
  }
  void expect_near(const std::vector<float> &grad_output, const std::vector<float> &input) const {
    const std::vector<float> results = run_dense(context_, grad_output, input);
    double worst = 0;
    for (size_t i = 0; i < input.size(); ++i) {
      const double expected = oracle::gradient(oracle(), grad_output[i], input[i]);
      const double error = oracle::ulp_error(results[i], expected);
      worst = std::max(worst, error);
      ASSERT_LE(error, oracle::exact_bound(oracle()))
          << op().name << " on " << isa().name << ", grad_output " << show(grad_output[i]) << ", input "
          << show(input[i]) << ": got " << show(results[i]) << ", expected " << expected;
      if (std::isnan(expected)) {
        ASSERT_EQ(bits_of(results[i]), kNanBits);
      } else if (expected == 0) {
        ASSERT_EQ(std::signbit(results[i]), std::signbit(expected)) << show(grad_output[i]) << show(input[i]);
      }
    }
    EXPECT_GT(worst, 0.25) << "nothing was rounded";
  }

  Context context_;
};
INSTANTIATE_TEST_SUITE_P(Each, Gradient, ::testing::ValuesIn(gradients_and_isas()),
                         [](const auto &info) { return info.param.op->name + suffix(*info.param.isa); });

TEST_P(Gradient, OfUsualGradOutputs) {
  const int64_t count = 200000 / static_cast<int64_t>(thinning());
  expect_near(mixed_values(count, 901), mixed_values(count, 902));
}

// Far below the least float32 the derivative still has all its places for a grad_output that brings the product back.
TEST_P(Gradient, OfGradOutputsThatMeetATinyDerivative) {
  Random random(903);
  std::vector<float> grad_output, input;
  for (int i = 0; i < 100000; i += static_cast<int>(thinning())) {
    input.push_back(static_cast<float>((random.chance(2) ? -1 : 1) * 210 * random.unit()));
    grad_output.push_back(
        std::ldexp(static_cast<float>(1 + random.unit()), static_cast<int>(random.integer(-140, 126))));
  }
  expect_near(grad_output, input);
}

TEST_P(Gradient, AtThresholdsOfTheInput) {
  const std::vector<float> input = threshold_values();
  expect_near(normal_values(static_cast<int64_t>(input.size()), 904), input);
}

// Each with each: zeros, infinities, NaN and the ends of float32.
TEST_P(Gradient, OfSpecialValues) {
  std::vector<float> grad_output, input;
  for (float g : special_values())
    for (float x : special_values()) grad_output.push_back(g), input.push_back(x);
  for (float g : special_values())
    for (float x : {-3.0f, 3.0f, -1.25f, -1.1875f, 20.0f, 20.5f, -200.0f, 200.0f})
      grad_output.push_back(g), input.push_back(x);
  expect_near(grad_output, input);
}

TEST_P(Gradient, HasTheBitsOfTheBaselineInEveryLayout) {
  Random random(905);
  for (int round = 0; round < 200; ++round) {
    const Layout layout = random_layout(random, 4, 9, true);
    Array g(layout, mixed_values(layout.count(), 1000 + round), static_cast<int>(random.integer(0, 15)));
    Array x(random_layout(random, layout.shape, true), mixed_values(layout.count(), 2000 + round));
    Array result(random_layout(random, layout.shape, false), static_cast<int>(random.integer(0, 15)));
    const std::vector<float> grad_output = g.get(), input = x.get();
    ASSERT_TRUE(succeeded(run(op(), context_, g, x, result)));
    ASSERT_TRUE(same_bits(reference(grad_output, input), result.get(), input))
        << "round " << round << ": " << show(layout) << ", " << show(x.layout()) << " to " << show(result.layout());
    ASSERT_TRUE(result.surroundings_untouched());
    ASSERT_TRUE(same_bits(grad_output, g.get()));
    ASSERT_TRUE(same_bits(input, x.get()));
  }
}

// Long lines, matrices that are turned, and what is streamed past the caches, on several threads.
TEST_P(Gradient, HasTheBitsOfTheBaselineWhereItIsLarge) {
  const Layout matrix = dense({301, 407}), turned = permuted({301, 407}, {1, 0}), gaps = padded({301, 407}, 5);
  const std::vector<float> grad_output = mixed_values(matrix.count(), 906), input = mixed_values(matrix.count(), 907);
  const std::vector<float> expected = reference(grad_output, input);
  const std::vector<std::vector<Layout>> all = {{matrix, matrix, matrix}, {matrix, turned, matrix},
                                                {turned, turned, turned}, {gaps, matrix, gaps},
                                                {matrix, matrix, turned}, {turned, gaps, matrix}};
  for (int threads : {1, 3})
    for (size_t streamed_from : {size_t{0}, SIZE_MAX})
      for (const std::vector<Layout> &layouts : all)
        for (int misalignment : {0, 3}) {
          context_.threads(threads).streaming(streamed_from);
          Array g(layouts[0], grad_output), x(layouts[1], input, misalignment), result(layouts[2], misalignment);
          ASSERT_TRUE(succeeded(run(op(), context_, g, x, result)));
          ASSERT_TRUE(same_bits(expected, result.get(), input))
              << show(layouts[0]) << ", " << show(layouts[1]) << " to " << show(layouts[2]) << ", " << threads
              << " threads";
          ASSERT_TRUE(result.surroundings_untouched());
        }
}

TEST_P(Gradient, OverEitherInput) {
  context_.streaming(0);
  for (const Layout &layout : {dense({1000}), padded({40, 25}, 3), permuted({40, 25}, {1, 0})}) {
    const std::vector<float> grad_output = mixed_values(1000, 908), input = mixed_values(1000, 909);
    const std::vector<float> expected = reference(grad_output, input);
    Array over_g(layout, grad_output), g(layout, grad_output), x(layout, input), over_x(layout, input);
    ASSERT_TRUE(succeeded(run(op(), context_, over_g, x, over_g)));
    EXPECT_TRUE(same_bits(expected, over_g.get(), input)) << "over grad_output, " << show(layout);
    ASSERT_TRUE(succeeded(run(op(), context_, g, over_x, over_x)));
    EXPECT_TRUE(same_bits(expected, over_x.get(), input)) << "over input, " << show(layout);
    Array all(layout, input);
    ASSERT_TRUE(succeeded(run(op(), context_, all, all, all)));
    EXPECT_TRUE(same_bits(reference(input, input), all.get(), input)) << "of itself, " << show(layout);
  }
}

// The derivative as float32, which a grad_output of 1 gives, times grad_output: rounded once, whatever the layout.
TEST_P(Gradient, FastIsTheFastDerivativeTimesGradOutput) {
  if (op().accuracies.size() == 1) GTEST_SKIP() << op().name << " has exact kernels alone";
  const int64_t rows = 5000 / static_cast<int64_t>(thinning()), count = 8 * rows;
  const Layout matrix = dense({rows, 8}), turned = permuted({rows, 8}, {1, 0});
  std::vector<float> grad_output = mixed_values(count, 912), input = mixed_values(count, 913);
  const std::vector<float> special = special_values();
  for (size_t i = 0; i < special.size() * special.size(); ++i) {
    grad_output[i] = special[i % special.size()];
    input[i] = special[i / special.size()];
  }
  context_.accuracy(KILN_ACCURACY_FAST);
  const std::vector<float> slopes = run_dense(context_, std::vector<float>(input.size(), 1.0f), input);
  std::vector<float> expected(input.size());
  for (size_t i = 0; i < input.size(); ++i) {
    const float product = grad_output[i] * slopes[i];
    expected[i] = std::isnan(product) ? from_bits(kNanBits) : product;
  }
  for (const std::vector<Layout> &layouts :
       {std::vector<Layout>{matrix, matrix, matrix}, {turned, matrix, turned}, {turned, turned, matrix}}) {
    Array g(layouts[0], grad_output), x(layouts[1], input), result(layouts[2]);
    ASSERT_TRUE(succeeded(run(op(), context_, g, x, result)));
    EXPECT_TRUE(same_bits(expected, result.get(), input)) << show(layouts[0]) << ", " << show(layouts[1]);
  }
}

// Of the words' float32 values; within one ULP of the type.
TEST_P(Gradient, FastOfTypesOf16Bits) {
  if (op().accuracies.size() == 1) GTEST_SKIP() << op().name << " has exact kernels alone";
  const int64_t count = 200000 / static_cast<int64_t>(thinning());
  context_.accuracy(KILN_ACCURACY_FAST);
  for (const ElementType &type : element_types_of_16_bits()) {
    const std::vector<uint16_t> grad_output = words_of_all_kinds(count, 914), input = words_of_all_kinds(count, 915);
    std::vector<float> values(input.size());
    for (size_t i = 0; i < input.size(); ++i) values[i] = static_cast<float>(type.value_of(input[i]));
    const std::vector<float> slopes = run_dense(context_, std::vector<float>(input.size(), 1.0f), values);
    Words g(type, dense({count}), grad_output), x(type, dense({count}), input), gradient(type, dense({count}));
    ASSERT_TRUE(succeeded(run(op(), context_, g, x, gradient)));
    const std::vector<uint16_t> results = gradient.get();
    for (size_t i = 0; i < results.size(); ++i) {
      const double expected = type.value_of(grad_output[i]) * slopes[i], result = type.value_of(results[i]);
      const bool right = std::isfinite(expected) && std::isfinite(result)
                             ? std::fabs(result - expected) <= type.last_place(expected)
                             : results[i] == type.nearest(expected);
      ASSERT_TRUE(right) << op().name << ", " << type.name << ", grad_output " << type.value_of(grad_output[i])
                         << ", input " << values[i] << ": got " << text_of(results[i]) << ", expected " << expected;
    }
  }
}

TEST_P(Gradient, OfTypesOf16Bits) {
  for (const ElementType &type : element_types_of_16_bits()) {
    const int64_t count = 200000 / static_cast<int64_t>(thinning());
    const Layout layout = dense({count});
    const std::vector<uint16_t> grad_output = words_of_all_kinds(count, 910), input = words_of_all_kinds(count, 911);
    Words g(type, layout, grad_output), x(type, layout, input), result(type, layout);
    ASSERT_TRUE(succeeded(run(op(), context_, g, x, result)));
    const std::vector<uint16_t> results = result.get();
    for (int64_t i = 0; i < count; ++i) {
      const double expected = oracle::gradient(oracle(), type.value_of(grad_output[i]), type.value_of(input[i]));
      ASSERT_TRUE(is_rounded_product(type, expected, results[i]))
          << op().name << ", " << type.name << ", grad_output " << type.value_of(grad_output[i]) << ", input "
          << type.value_of(input[i]) << ": got " << text_of(results[i]) << ", expected "
          << text_of(type.nearest(expected));
    }
    Words over(type, layout, grad_output);
    ASSERT_TRUE(succeeded(run(op(), context_, over, x, over)));
    EXPECT_TRUE(same_words(results, over.get(), input)) << type.name << " in place";
    Words turned(type, permuted({count / 8, 8}, {1, 0}), grad_output), rows(type, dense({count / 8, 8}), input),
        gaps(type, padded({count / 8, 8}, 3));
    ASSERT_TRUE(succeeded(run(op(), context_, turned, rows, gaps)));
    EXPECT_TRUE(same_words(results, gaps.get(), input)) << type.name << " in other layouts";
  }
}

}  // namespace
}  // namespace kiln::test
