// The bits of a row's layer_norm depend on its values, weight, bias and eps alone: not on strides, alignment, batch,
// position in the batch, number of threads or whether it is computed in place.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "support/inputs.h"
#include "support/operators.h"
#include "support/near.h"
#include "support/rows.h"
#include "support/expectations.h"
#include "support/random.h"

namespace kiln::test {
namespace {

class LayerNormLayout : public IsaTest {
 protected:
  void SetUp() override {
    IsaTest::SetUp();
    if (isa().runs_here) context_.isa(isa().name);
  }

  static Operation arguments(const Extents &shape, int normalized_ndim, double eps = 1e-5) {
    Operation arguments = layer_norm({shape.end() - normalized_ndim, shape.end()}, {}, {}, eps);
    const int64_t length = dense(arguments["normalized_shape"].integers).count();
    arguments.values("weight") = normal_values(length, 41, 1, 0.5);
    arguments.values("bias") = normal_values(length, 42);
    return arguments;
  }

  // Runs from `from` to `to` (which may be the same array) and expects the reference's bits.
  ::testing::AssertionResult run(Array &from, const Operation &arguments, Array &to) {
    const std::vector<float> inputs = from.get();
    const std::vector<float> expected = reference_bits(arguments, from.layout().shape, inputs).output;
    if (auto ok = succeeded(kiln::test::run(context_, arguments, from, to, nullptr)); !ok) return ok << place(from, to);
    if (auto same = same_bits(expected, to.get(), inputs); !same) return same << place(from, to);
    if (auto untouched = to.surroundings_untouched(); !untouched) return untouched << place(from, to);
    if (&from != &to)
      if (auto kept = same_bits(inputs, from.get()); !kept)
        return kept << " (the input was written)" << place(from, to);
    return from.surroundings_untouched();
  }
  std::string place(const Array &from, const Array &to) const {
    return " layer_norm on " + isa().name + ", " + show(from.layout()) + " to " +
           (&from == &to ? "itself" : show(to.layout()));
  }

  Context context_;
};
KILN_EACH_ISA(LayerNormLayout);

TEST_P(LayerNormLayout, EveryLengthAndAlignment) {
  for (int64_t length = 1; length <= 3 * 64 + 1; ++length) {
    const Extents shape = {3, length};
    const std::vector<float> inputs = normal_values(3 * length, length);
    for (int alignment : {0, 1, 3, 7, 8, 15}) {
      Array from(dense(shape), inputs, alignment), to(dense(shape), (5 * alignment + 3) % 16);
      ASSERT_TRUE(run(from, arguments(shape, 1), to));
      Array both(dense(shape), inputs, alignment);
      ASSERT_TRUE(run(both, arguments(shape, 1), both));
    }
  }
}

TEST_P(LayerNormLayout, EveryLayoutAndItsInPlace) {
  for (const LayoutCase &layout : layout_cases()) {
    const Extents &shape = layout.input.shape;
    if (shape.empty()) continue;  // layer_norm needs a dimension
    for (int n = 1; n <= std::min<int>(4, static_cast<int>(shape.size())); ++n) {
      Array from(layout.input, mixed_values(layout.input.count(), 43)), to(layout.output);
      EXPECT_TRUE(run(from, arguments(shape, n), to)) << layout.name << " over " << n << " dimensions";
      Array both(layout.output, normal_values(layout.output.count(), 44));
      EXPECT_TRUE(run(both, arguments(shape, n), both)) << layout.name << " in place over " << n << " dimensions";
    }
  }
}

TEST_P(LayerNormLayout, RandomLayouts) {
  Random random(45);
  for (int round = 0; round < 200; ++round) {
    const Layout input = random_layout(random, 5, 9, true);
    if (input.shape.empty()) continue;
    Array from(input, normal_values(input.count(), 4500 + round), static_cast<int>(random.integer(0, 15)));
    Array to(random_layout(random, input.shape, false), static_cast<int>(random.integer(0, 15)));
    const int n = static_cast<int>(random.integer(1, static_cast<int64_t>(input.shape.size())));
    ASSERT_TRUE(run(from, arguments(input.shape, n), to)) << "round " << round << " over " << n << " dimensions";
  }
}

// weight and bias under any strides, a stride of 0 among them.
TEST_P(LayerNormLayout, StridedWeightAndBias) {
  const Extents shape = {4, 6, 11}, tail = {6, 11};
  const std::vector<float> inputs = normal_values(4 * 66, 46);
  for (const Layout &w :
       {dense(tail), permuted(tail, {1, 0}), reversed(dense(tail), 1), padded(tail, 3), stepped(tail, 2),
        broadcast(dense(tail), 0), broadcast(dense(tail), 1), broadcast(broadcast(dense(tail), 0), 1)})
    for (const Layout &b : {dense(tail), reversed(reversed(dense(tail), 0), 1), broadcast(dense(tail), 0)}) {
      Array weight(w, normal_values(66, 47)), bias(b, normal_values(66, 48)), from(dense(shape), inputs),
          to(dense(shape));
      const DLTensor in = from.tensor(), w_tensor = weight.tensor(), b_tensor = bias.tensor();
      DLTensor out = to.tensor();
      const Operation given = layer_norm(tail, weight.get(), bias.get());
      ASSERT_TRUE(succeeded(call(context_, given, {{"input", &in}, {"weight", &w_tensor}, {"bias", &b_tensor}, {"output", &out}})));
      EXPECT_TRUE(same_bits(reference_bits(given, shape, inputs).output, to.get(), inputs))
          << "layer_norm on " << isa().name << ", weight " << show(w) << ", bias " << show(b);
      EXPECT_TRUE(weight.surroundings_untouched());
      EXPECT_TRUE(bias.surroundings_untouched());
    }
}

// weight and bias may share memory with each other and with the input: all three are only read.
TEST_P(LayerNormLayout, InputsMayOverlap) {
  Array shared(dense({40}), normal_values(40, 49)), to(dense({40}));
  const DLTensor in = shared.tensor();
  DLTensor out = to.tensor();
  const Operation given = layer_norm({40}, shared.get(), shared.get(), 1e-5);
  ASSERT_TRUE(succeeded(call(context_, given, {{"input", &in}, {"weight", &in}, {"bias", &in}, {"output", &out}})));
  EXPECT_TRUE(same_bits(reference_bits(given, {40}, shared.get()).output, to.get()));
}

// weight or bias of ones or zeros is not the same as none for the sign of a zero; what is absent changes no bit.
TEST_P(LayerNormLayout, AbsentParametersMatchOnesAndMinusZeros) {
  const std::vector<float> inputs = mixed_values(8 * 50, 50), ones(50, 1.0f), minus_zeros(50, -0.0f);
  const std::vector<float> expected = reference_bits(layer_norm({50}, ones, minus_zeros), {8, 50}, inputs).output;
  for (const Operation &given :
       {layer_norm({50}), layer_norm({50}, ones, {}, 1e-5),
        layer_norm({50}, {}, minus_zeros, 1e-5)})
    EXPECT_TRUE(same_bits(expected, run_dense(context_, given, {8, 50}, inputs).output, inputs)) << isa().name;
}

TEST_P(LayerNormLayout, EveryBatchAndPosition) {
  const std::vector<float> row = normal_values(133, 51, 3, 2);
  const Operation given = arguments({1, 133}, 1);
  const std::vector<float> expected = reference_bits(given, {1, 133}, row).output;
  for (int64_t batch : {1, 2, 3, 17, 64})
    for (int64_t at = 0; at < batch; ++at) {
      std::vector<float> inputs = mixed_values(batch * 133, 52);
      std::copy(row.begin(), row.end(), inputs.begin() + at * 133);
      const std::vector<float> results = run_dense(context_, given, {batch, 133}, inputs).output;
      ASSERT_TRUE(same_bits(expected, {results.begin() + at * 133, results.begin() + (at + 1) * 133}, row))
          << "layer_norm on " << isa().name << ", row " << at << " of " << batch;
    }
}

TEST_P(LayerNormLayout, EveryNumberOfThreads) {
  for (const Extents &shape :
       {Extents{1, 100003}, Extents{1000, 33}, Extents{77, 768}, Extents{3, 40000}, Extents{100000, 1}})
    for (const Layout &layout : {dense(shape), padded(shape, 5), permuted(shape, {1, 0})}) {
      Array from(layout, normal_values(layout.count(), 53));
      for (int threads = 1; threads <= 8; ++threads) {
        context_.threads(threads);
        Array to(layout);
        ASSERT_TRUE(run(from, arguments(shape, 1), to)) << threads << " threads";
      }
    }
}

// Memory that ends at a page which may not be touched, or begins behind one: input, weight, bias and output.
TEST_P(LayerNormLayout, NothingBesideTheTensorsIsTouched) {
  const int64_t page = sysconf(_SC_PAGESIZE), room = page / static_cast<int64_t>(sizeof(float));
  std::vector<float *> begins;
  char *map = static_cast<char *>(mmap(nullptr, 9 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(map, MAP_FAILED);
  for (int k = 0; k < 4; ++k) {
    ASSERT_EQ(mprotect(map + (2 * k + 1) * page, page, PROT_READ | PROT_WRITE), 0);
    begins.push_back(reinterpret_cast<float *>(map + (2 * k + 1) * page));
  }
  for (int64_t length = 1; length <= 3 * 64 + 1; ++length)
    for (bool at_end : {false, true}) {
      const Layout rows = dense({2, length}), row = dense({length});
      const Operation given = arguments({2, length}, 1);
      const std::vector<float> inputs = normal_values(2 * length, 54);
      const auto place = [&](int k, int64_t count) { return begins[k] + (at_end ? room - count : 0); };
      std::copy(inputs.begin(), inputs.end(), place(0, 2 * length));
      std::copy(given.values("weight").begin(), given.values("weight").end(), place(1, length));
      std::copy(given.values("bias").begin(), given.values("bias").end(), place(2, length));
      const DLTensor in = tensor_on(place(0, 2 * length), rows), w = tensor_on(place(1, length), row);
      const DLTensor b = tensor_on(place(2, length), row);
      DLTensor out = tensor_on(place(3, 2 * length), rows);
      ASSERT_TRUE(succeeded(call(context_, given, {{"input", &in}, {"weight", &w}, {"bias", &b}, {"output", &out}})));
      ASSERT_TRUE(same_bits(reference_bits(given, {2, length}, inputs).output,
                            {place(3, 2 * length), place(3, 2 * length) + 2 * length}, inputs))
          << "layer_norm on " << isa().name << ", rows of " << length;
    }
  munmap(map, 9 * page);
}

TEST_P(LayerNormLayout, EmptyNeedsNoData) {
  for (const Extents &shape : {Extents{0, 5}, Extents{3, 0}, Extents{2, 0, 4}}) {
    const Layout layout = dense(shape), tail = dense({shape.back()});
    const DLTensor in = tensor_on(nullptr, layout);
    DLTensor out = tensor_on(nullptr, layout);
    const Operation given = layer_norm({shape.back()});
    EXPECT_TRUE(succeeded(call(context_, given, {{"input", &in}, {"output", &out}}))) << show(shape);
    Array parameter(tail, std::vector<float>(tail.count(), 1.0f));
    const DLTensor p = parameter.tensor();
    EXPECT_TRUE(succeeded(call(context_, given, {{"input", &in}, {"weight", &p}, {"bias", &p}, {"output", &out}}))) << show(shape) << " with weight and bias";
  }
}

}  // namespace
}  // namespace kiln::test
