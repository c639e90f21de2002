// The bits of an elementwise result depend on the input's bits alone: not on length, tail, position, alignment,
// strides, number of threads or whether it is computed in place.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "support/array.h"
#include "support/inputs.h"
#include "support/operators.h"
#include "support/random.h"

namespace kiln::test {
namespace {

// Three turns of 64, the widest vector times the largest unrolling that a schedule may have here, and one more.
constexpr int64_t kTails = 3 * 64 + 1;
// Positions relative to a 64-byte boundary.
constexpr int kAlignments = 16;

class ElementwiseLayout : public ElementwiseTest {
 protected:
  // Runs the operator from `from` to `to` (which may be the same array) and expects the bits of the reference.
  ::testing::AssertionResult run(const kiln_context *context, Array &from, Array &to,
                                 const std::vector<float> &expected) {
    const std::vector<float> inputs = from.get();
    DLTensor input = from.tensor(), output = to.tensor();
    if (auto ok = succeeded(op().run(context, &input, &output)); !ok) return ok;
    if (auto same = same_bits(expected, to.get(), inputs); !same) return same;
    if (auto untouched = to.surroundings_untouched(); !untouched) return untouched;
    if (&from != &to)
      if (auto kept = same_bits(inputs, from.get()); !kept) return kept << " (the input was written)";
    return from.surroundings_untouched();
  }

  template <class Body>
  void for_each_accuracy(Body body) {
    for (kiln_accuracy accuracy : op().accuracies) {
      SCOPED_TRACE(std::string(op().name) + ' ' + name_of(accuracy) + " on " + isa().name);
      Context context;
      context.isa(isa().name).accuracy(accuracy);
      body(accuracy, context);
    }
  }
};
KILN_EACH_OPERATOR_AND_ISA(ElementwiseLayout);

TEST_P(ElementwiseLayout, EveryTailAndAlignment) {
  const std::vector<float> values = mixed_values(kTails, 2);
  for_each_accuracy([&](kiln_accuracy accuracy, const kiln_context *context) {
    const std::vector<float> reference = reference_bits(op(), accuracy, values);
    Turns alignments(3);
    for (int64_t n = 0; n <= kTails; ++n) {
      const std::vector<float> inputs(values.begin(), values.begin() + n),
          expected(reference.begin(), reference.begin() + n);
      alignments.next_round();
      for (int alignment = 0; alignment < kAlignments; ++alignment) {
        if (!alignments.has(alignment)) continue;
        Array from(dense({n}), inputs, alignment), to(dense({n}), (5 * alignment + 3) % kAlignments);
        ASSERT_TRUE(run(context, from, to, expected)) << n << " elements, alignment " << alignment;
        Array both(dense({n}), inputs, alignment);
        ASSERT_TRUE(run(context, both, both, expected)) << n << " elements in place, alignment " << alignment;
      }
    }
  });
}

// A value that is tried at each place of a vector, of its unrolled copies and of the tail.
TEST_P(ElementwiseLayout, EveryPosition) {
  const std::vector<float> values = mixed_values(400, 3);
  const int64_t window = 150;
  for_each_accuracy([&](kiln_accuracy accuracy, const kiln_context *context) {
    const std::vector<float> reference = reference_bits(op(), accuracy, values);
    for (int64_t start = 0; start + window <= static_cast<int64_t>(values.size()); ++start) {
      const std::vector<float> inputs(values.begin() + start, values.begin() + start + window);
      const std::vector<float> expected(reference.begin() + start, reference.begin() + start + window);
      Array both(dense({window}), inputs);
      ASSERT_TRUE(run(context, both, both, expected)) << "values from number " << start;
    }
  });
}

TEST_P(ElementwiseLayout, EveryLayout) {
  for_each_accuracy([&](kiln_accuracy accuracy, const kiln_context *context) {
    for (const LayoutCase &layout : layout_cases()) {
      Array from(layout.input, mixed_values(layout.input.count(), 4)), to(layout.output);
      const std::vector<float> expected = reference_bits(op(), accuracy, from.get());
      EXPECT_TRUE(run(context, from, to, expected))
          << layout.name << ": " << show(layout.input) << " to " << show(layout.output);
    }
  });
}

TEST_P(ElementwiseLayout, EveryLayoutInPlace) {
  for_each_accuracy([&](kiln_accuracy accuracy, const kiln_context *context) {
    for (const LayoutCase &layout : layout_cases())
      for (const Layout &same : {layout.input, layout.output}) {
        std::vector<int64_t> offsets = same.offsets();
        std::sort(offsets.begin(), offsets.end());
        if (std::adjacent_find(offsets.begin(), offsets.end()) != offsets.end()) continue;
        const std::vector<float> inputs = mixed_values(same.count(), 5);
        Array both(same, inputs, 1);
        EXPECT_TRUE(run(context, both, both, reference_bits(op(), accuracy, inputs)))
            << layout.name << ": " << show(same);
      }
  });
}

TEST_P(ElementwiseLayout, RandomLayouts) {
  for_each_accuracy([&](kiln_accuracy accuracy, const kiln_context *context) {
    Random random(6);
    for (int round = 0; round < 150; ++round) {
      const Layout input = random_layout(random, 5, 9, true);
      Array from(input, mixed_values(input.count(), 100 + round), static_cast<int>(random.integer(0, 15)));
      Array to(random_layout(random, input.shape, false), static_cast<int>(random.integer(0, 15)));
      const std::vector<float> expected = reference_bits(op(), accuracy, from.get());
      ASSERT_TRUE(run(context, from, to, expected))
          << "round " << round << ": " << show(input) << " to " << show(to.layout());
    }
  });
}

// Sizes on either side of whole pieces of work, dense and strided, on 1 to 8 threads.
TEST_P(ElementwiseLayout, EveryNumberOfThreads) {
  const std::vector<Layout> layouts = {dense({1}),
                                       dense({4095}),
                                       dense({32768}),
                                       dense({32769}),
                                       dense({100003}),
                                       dense({7, 131, 113}),
                                       padded({331, 300}, 7),
                                       stepped({99991}, 2),
                                       permuted({61, 47, 37}, {2, 0, 1}),
                                       padded({40000, 3}, 1)};
  for_each_accuracy([&](kiln_accuracy accuracy, kiln_context *context) {
    size_t round = 0;
    for (const Layout &layout : layouts) {
      const std::vector<float> inputs = mixed_values(layout.count(), 7);
      const std::vector<float> expected = reference_bits(op(), accuracy, inputs);
      for (int threads : some_of<int>({1, 2, 3, 4, 5, 6, 7, 8}, 4, round++)) {
        ASSERT_TRUE(succeeded(kiln_context_set_num_threads(context, threads)));
        Array both(layout, inputs);
        ASSERT_TRUE(run(context, both, both, expected)) << threads << " threads, " << show(layout);
      }
    }
  });
}

// Memory that ends at a page which may not be touched, and one that begins behind such a page.
TEST_P(ElementwiseLayout, NothingBesideTheTensorIsTouched) {
  const int64_t page = sysconf(_SC_PAGESIZE), room = page / static_cast<int64_t>(sizeof(float));
  char *map = static_cast<char *>(mmap(nullptr, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(map, MAP_FAILED);
  ASSERT_EQ(mprotect(map + page, page, PROT_READ | PROT_WRITE), 0);
  float *const begin = reinterpret_cast<float *>(map + page);
  for_each_accuracy([&](kiln_accuracy accuracy, const kiln_context *context) {
    const std::vector<float> values = mixed_values(kTails, 8), reference = reference_bits(op(), accuracy, values);
    for (int64_t n = 1; n <= kTails; ++n)
      for (int64_t step : {1, 2, 3})
        for (bool at_end : {false, true}) {
          const int64_t span = (n - 1) * step + 1;
          float *const data = at_end ? begin + room - span : begin;
          for (int64_t i = 0; i < n; ++i) data[i * step] = values[i];
          const Layout layout{{n}, {step}};
          DLTensor both = tensor_on(data, layout);
          ASSERT_TRUE(succeeded(op().run(context, &both, &both)));
          std::vector<float> results(n);
          for (int64_t i = 0; i < n; ++i) results[i] = data[i * step];
          ASSERT_TRUE(same_bits({reference.begin(), reference.begin() + n}, results, values))
              << n << " elements, step " << step << (at_end ? ", at the end" : ", at the beginning");
        }
  });
  munmap(map, 3 * page);
}

// strides NULL is row-major and dense; byte_offset moves the data.
TEST_P(ElementwiseLayout, NullStridesAndByteOffset) {
  for_each_accuracy([&](kiln_accuracy accuracy, const kiln_context *context) {
    const Layout layout = dense({5, 7, 3});
    const std::vector<float> inputs = mixed_values(layout.count(), 9);
    Array from(layout, inputs), to(layout);
    DLTensor input = from.tensor(), output = to.tensor();
    input.strides = output.strides = nullptr;
    input.data = from.data() - 8, input.byte_offset = 8 * sizeof(float);
    output.data = to.data() - 3, output.byte_offset = 3 * sizeof(float);
    ASSERT_TRUE(succeeded(op().run(context, &input, &output)));
    EXPECT_TRUE(same_bits(reference_bits(op(), accuracy, inputs), to.get(), inputs));
    EXPECT_TRUE(to.surroundings_untouched());
  });
}

// An empty tensor needs no data.
TEST_P(ElementwiseLayout, EmptyNeedsNoData) {
  for_each_accuracy([&](kiln_accuracy, const kiln_context *context) {
    for (const Extents &shape : {Extents{0}, Extents{3, 0, 2}, Extents{0, int64_t{1} << 60}}) {
      const Layout layout{shape, Extents(shape.size(), 0)};
      DLTensor input = tensor_on(nullptr, layout), output = tensor_on(nullptr, layout);
      EXPECT_TRUE(succeeded(op().run(context, &input, &output))) << show(shape);
      EXPECT_TRUE(succeeded(op().run(context, &input, &input))) << show(shape) << " in place";
    }
  });
}

}  // namespace
}  // namespace kiln::test
