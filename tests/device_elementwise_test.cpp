// Elementwise operators on devices: the bits of the CPU's baseline kernels, for every value, size and layout.
#include <algorithm>

#include "support/device_array.h"
#include "support/inputs.h"
#include "support/random.h"

namespace kiln::test {
namespace {

class DeviceElementwise : public ElementwiseDeviceTest {
 protected:
  // Runs `from` to `to`, which may be one array; the results must be `expected`, and nothing else may be written.
  ::testing::AssertionResult run(const kiln_context *context, DeviceArray &from, DeviceArray &to,
                                 const std::vector<float> &expected) {
    const std::vector<float> inputs = from.host().get();
    DLTensor input = from.tensor(), output = to.tensor();
    if (auto ok = succeeded(op().run(context, &input, &output)); !ok) return ok;
    if (auto same = same_bits(expected, to.fetch().get(), inputs); !same) return same;
    if (auto untouched = to.host().surroundings_untouched(); !untouched) return untouched;
    if (&from != &to)
      if (auto kept = same_bits(inputs, from.fetch().get()); !kept) return kept << " (the input was written)";
    return from.host().surroundings_untouched();
  }

  template <class Body>
  void for_each_accuracy(Body body) {
    for (kiln_accuracy accuracy : op().accuracies) {
      SCOPED_TRACE(std::string(op().name) + ' ' + name_of(accuracy) + " on " + GetParam().api);
      Context context;
      context.accuracy(accuracy);
      use_device(context);
      body(accuracy, context);
    }
  }

  void expect_bits(kiln_accuracy accuracy, const kiln_context *context, const std::vector<float> &inputs) {
    const Layout layout = dense({static_cast<int64_t>(inputs.size())});
    DeviceArray from(device(), layout, inputs), to(device(), layout);
    EXPECT_TRUE(run(context, from, to, reference_bits(op(), accuracy, inputs)));
  }
};
KILN_EACH_OPERATOR_AND_DEVICE(DeviceElementwise);

TEST_P(DeviceElementwise, SpecialAndThresholdValues) {
  for_each_accuracy([&](kiln_accuracy accuracy, const kiln_context *context) {
    expect_bits(accuracy, context, special_values());
    expect_bits(accuracy, context, threshold_values());
  });
}

TEST_P(DeviceElementwise, PatternsOfAllRanges) {
  const std::vector<float> inputs = every_pattern(65537 * thinning());
  for_each_accuracy(
      [&](kiln_accuracy accuracy, const kiln_context *context) { expect_bits(accuracy, context, inputs); });
}

// Around a vector, a block of threads, and blocks; every alignment within 32 bytes, input and output apart.
TEST_P(DeviceElementwise, EveryTailAndAlignment) {
  const std::vector<int64_t> sizes = {1, 2, 3, 4, 5, 7, 8, 31, 33, 255, 256, 257, 1023, 1024, 1025, 1029};
  for_each_accuracy([&](kiln_accuracy accuracy, const kiln_context *context) {
    for (int64_t n : sizes) {
      const std::vector<float> inputs = mixed_values(n, n), expected = reference_bits(op(), accuracy, inputs);
      for (int alignment : {0, 1, 4, 6}) {
        const int other = (3 * alignment) % 8;
        DeviceArray from(device(), dense({n}), inputs, alignment), to(device(), dense({n}), other);
        ASSERT_TRUE(run(context, from, to, expected)) << n << " elements, alignment " << alignment << ", " << other;
        DeviceArray both(device(), dense({n}), inputs, alignment);
        ASSERT_TRUE(run(context, both, both, expected)) << n << " elements in place, alignment " << alignment;
      }
    }
  });
}

TEST_P(DeviceElementwise, EveryLayout) {
  for_each_accuracy([&](kiln_accuracy accuracy, const kiln_context *context) {
    for (const LayoutCase &layout : layout_cases()) {
      DeviceArray from(device(), layout.input, mixed_values(layout.input.count(), 4)), to(device(), layout.output);
      EXPECT_TRUE(run(context, from, to, reference_bits(op(), accuracy, from.host().get())))
          << layout.name << ": " << show(layout.input) << " to " << show(layout.output);
    }
  });
}

TEST_P(DeviceElementwise, EveryLayoutInPlace) {
  for_each_accuracy([&](kiln_accuracy accuracy, const kiln_context *context) {
    for (const LayoutCase &layout : layout_cases()) {
      const std::vector<float> inputs = mixed_values(layout.output.count(), 5);
      DeviceArray both(device(), layout.output, inputs, 1);
      EXPECT_TRUE(run(context, both, both, reference_bits(op(), accuracy, inputs)))
          << layout.name << ": " << show(layout.output);
    }
  });
}

TEST_P(DeviceElementwise, RandomLayouts) {
  for_each_accuracy([&](kiln_accuracy accuracy, const kiln_context *context) {
    Random random(6);
    for (int round = 0; round < 60; ++round) {
      const Layout input = random_layout(random, 6, 5, true);
      DeviceArray from(device(), input, mixed_values(input.count(), 100 + round),
                       static_cast<int>(random.integer(0, 15)));
      DeviceArray to(device(), random_layout(random, input.shape, false), static_cast<int>(random.integer(0, 15)));
      ASSERT_TRUE(run(context, from, to, reference_bits(op(), accuracy, from.host().get())))
          << "round " << round << ": " << show(input) << " to " << show(to.host().layout());
    }
  });
}

TEST_P(DeviceElementwise, EmptyNeedsNoData) {
  for_each_accuracy([&](kiln_accuracy, const kiln_context *context) {
    for (const Extents &shape : {Extents{0}, Extents{3, 0, 2}}) {
      const Layout layout{shape, Extents(shape.size(), 0)};
      DLTensor input = tensor_on(nullptr, layout), output = tensor_on(nullptr, layout);
      input.device = output.device = device().id();
      EXPECT_TRUE(succeeded(op().run(context, &input, &output))) << show(shape);
    }
  });
}

}  // namespace
}  // namespace kiln::test
