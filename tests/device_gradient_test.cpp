// Gradients of elementwise operators on devices: the bits of the CPU's baseline kernels, for every type, size and
// layout.
#include "support/device_array.h"
#include "support/inputs.h"
#include "support/random.h"

namespace kiln::test {
namespace {

class DeviceGradient : public ElementwiseDeviceTest {
 protected:
  void SetUp() override {
    ElementwiseDeviceTest::SetUp();
    if (!IsSkipped()) use_device(context_);
    host_.isa(baseline().name).threads(1);
  }
  kiln_status call(const kiln_context *context, DLTensor grad_output, DLTensor input, DLTensor grad_input) const {
    DLTensor *const tensors[] = {&grad_output, &input, &grad_input};
    return op().row->call(context, tensors, nullptr);
  }
  // What the CPU makes of the same tensors; `make` makes a tensor of the host of a layout.
  template <class Host, class Make>
  auto expected(const Host &grad_output, const Host &input, Make make) {
    Host g = grad_output, x = input, result = make(dense(grad_output.layout().shape));
    EXPECT_TRUE(succeeded(call(host_, g.tensor(), x.tensor(), result.tensor())));
    return result.get();
  }
  // From the first two to the third, which may be one of them.
  template <class Device, class Values>
  ::testing::AssertionResult gives(const Values &expected, Device &grad_output, Device &input, Device &grad_input) {
    const DLTensor g = grad_output.tensor(), x = &input == &grad_output ? g : input.tensor();
    const DLTensor result = &grad_input == &grad_output ? g : &grad_input == &input ? x : grad_input.tensor();
    if (auto ok = succeeded(call(context_, g, x, result)); !ok) return ok;
    if (auto right = same(expected, grad_input.fetch().get()); !right) return right;
    if (!grad_input.host().surroundings_untouched())
      return ::testing::AssertionFailure() << "surroundings were written";
    return ::testing::AssertionSuccess();
  }
  static ::testing::AssertionResult same(const std::vector<float> &expected, const std::vector<float> &actual) {
    return same_bits(expected, actual);
  }
  static ::testing::AssertionResult same(const std::vector<uint16_t> &expected, const std::vector<uint16_t> &actual) {
    return same_words(expected, actual, expected);
  }
  ::testing::AssertionResult of_floats(const Layout &g, const Layout &x, const Layout &to, uint64_t seed,
                                       int alignment) {
    const Array grad_output(g, mixed_values(g.count(), seed)), input(x, mixed_values(g.count(), seed + 1));
    const auto wanted = expected(grad_output, input, [](const Layout &layout) { return Array(layout); });
    DeviceArray on_g(device(), g, grad_output.get(), alignment), on_x(device(), x, input.get(), 2 * alignment % 7);
    DeviceArray result(device(), to, 3 * alignment % 5);
    return gives(wanted, on_g, on_x, result);
  }

  Context context_, host_;
};
INSTANTIATE_TEST_SUITE_P(Each, DeviceGradient, ::testing::ValuesIn(gradients_and_devices()),
                         [](const auto &info) { return info.param.op->name + ("_on_" + info.param.api); });

TEST_P(DeviceGradient, EveryTailAndAlignment) {
  for (int64_t n : {1, 3, 4, 5, 255, 256, 257, 1023, 1024, 1029})
    for (int alignment : {0, 1, 4})
      ASSERT_TRUE(of_floats(dense({n}), dense({n}), dense({n}), n, alignment)) << n << ", alignment " << alignment;
}

TEST_P(DeviceGradient, RandomLayouts) {
  Random random(7);
  for (int round = 0; round < 40; ++round) {
    const Layout g = random_layout(random, 5, 5, true), x = random_layout(random, g.shape, true);
    const Layout to = random_layout(random, g.shape, false);
    ASSERT_TRUE(of_floats(g, x, to, 100 + round, round % 3)) << show(g) << ", " << show(x) << " to " << show(to);
  }
}

TEST_P(DeviceGradient, OverEitherInput) {
  for (const Layout &layout : {dense({1001}), padded({40, 25}, 3)}) {
    const Array grad_output(layout, mixed_values(layout.count(), 8)), input(layout, mixed_values(layout.count(), 9));
    const auto make = [](const Layout &of) { return Array(of); };
    const auto wanted = expected(grad_output, input, make), of_itself = expected(input, input, make);
    for (int over : {0, 1}) {
      DeviceArray g(device(), layout, grad_output.get()), x(device(), layout, input.get());
      EXPECT_TRUE(gives(wanted, g, x, over == 0 ? g : x)) << "over input " << over << ", " << show(layout);
    }
    DeviceArray all(device(), layout, input.get());
    EXPECT_TRUE(gives(of_itself, all, all, all)) << show(layout);
  }
}

TEST_P(DeviceGradient, OfTypesOf16Bits) {
  for (const ElementType &type : element_types_of_16_bits())
    for (const Layout &layout : {dense({4096}), dense({1003}), permuted({40, 25}, {1, 0}), padded({33, 7}, 1)})
      for (int alignment : {0, 1}) {
        const Words grad_output(type, layout, words_of_all_kinds(layout.count(), 10));
        const Words input(type, layout, words_of_all_kinds(layout.count(), 11));
        const auto wanted = expected(grad_output, input, [&](const Layout &of) { return Words(type, of); });
        DeviceWords g(device(), grad_output, alignment), x(device(), input),
            result(device(), Words(type, layout), alignment);
        EXPECT_TRUE(gives(wanted, g, x, result)) << type.name << ", " << show(layout) << ", alignment " << alignment;
      }
}

}  // namespace
}  // namespace kiln::test
