// Normalizations on devices: the CPU's bits, contiguous and channels-last, in place, with parameters there too.
#include <map>
#include <memory>

#include "support/device_array.h"
#include "support/digests.h"
#include "support/inputs.h"
#include "support/rows.h"

namespace kiln::test {
namespace {

// Values of a parameter on a device; none: NULL.
class DeviceParameter {
 public:
  DeviceParameter(devices::Device &device, const Extents &shape, const std::vector<float> &values, int64_t step) {
    if (values.empty()) return;
    array_ = std::make_unique<DeviceArray>(device, stepped(shape, step), values, 1);
    tensor_ = array_->tensor();
  }
  DLTensor *get() { return array_ ? &tensor_ : nullptr; }
  std::vector<float> values() { return array_ ? array_->fetch().get() : std::vector<float>(); }

 private:
  std::unique_ptr<DeviceArray> array_;
  DLTensor tensor_{};
};

class DeviceNormalization : public DeviceTest {
 protected:
  void SetUp() override {
    DeviceTest::SetUp();
    if (!IsSkipped()) use_device(context_);
  }

  kiln_status run(const Operation &n, DeviceArray &from, DeviceArray &to, Results *results, int64_t step = 1) {
    std::map<std::string, DeviceParameter> parameters;
    const DLTensor input = from.tensor(), output = to.tensor();
    Tensors tensors{{"input", &input}, {"output", &output}};
    const Extents shape(input.shape, input.shape + input.ndim);
    for (const std::string &name : n.parameters()) {
      parameters.emplace(name, DeviceParameter(device(), n.shape_of(name, shape), n.values(name), step));
      tensors[name] = parameters.at(name).get();
    }
    const kiln_status status = call(context_, n, tensors);
    *results = {to.fetch().get(), {}, {}};
    if (n.has_statistics())
      results->running_mean = parameters.at("running_mean").values(),
      results->running_var = parameters.at("running_var").values();
    return status;
  }

  // In both layouts; where samples are thinned, the misalignments and a call in place take turns.
  void expect_bits(const Operation &n, const Extents &shape, const std::vector<float> &inputs) {
    SCOPED_TRACE(show(n) + ", shape " + show(shape));
    const Results expected = reference_bits(n, shape, inputs);
    turns_.next_round();
    for (bool last : {false, true}) {
      const Layout layout = last ? channels_last(shape) : dense(shape);
      for (int misalignment : {0, 1}) {
        if (!turns_.has(misalignment)) continue;
        DeviceArray from(device(), layout, inputs, misalignment), to(device(), layout, misalignment);
        Results results;
        ASSERT_TRUE(succeeded(run(n, from, to, &results)));
        ASSERT_TRUE(same_bits(expected, results, inputs)) << (last ? "channels-last" : "contiguous") << misalignment;
        EXPECT_TRUE(to.host().surroundings_untouched());
        EXPECT_TRUE(same_bits(inputs, from.fetch().get())) << "the input was written";
      }
      if (!turns_.has(2)) continue;
      DeviceArray both(device(), layout, inputs);
      Results results;
      ASSERT_TRUE(succeeded(run(n, both, both, &results, 2)));
      ASSERT_TRUE(same_bits(expected, results, inputs)) << "in place";
    }
  }

  Context context_;
  Turns turns_{3};
};
KILN_EACH_DEVICE(DeviceNormalization);

TEST_P(DeviceNormalization, TheDigestsSamples) {
  for (const std::string &op : normalizations())
    for (const Sample &sample : digest_samples(op)) expect_bits(sample.operation, sample.shape, sample.inputs);
}

// Around segments and what a block of threads has; the careful pass.
TEST_P(DeviceNormalization, ShapesAndScales) {
  for (const Extents &shape : {Extents{2, 3, 1, 1}, Extents{4, 8, 4095}, Extents{1, 3, 4096}, Extents{2, 4, 8193},
                               Extents{3, 64, 2, 2}, Extents{2, 96, 9}, Extents{70, 5}}) {
    const int64_t count = dense(shape).count();
    std::vector<float> tiny = normal_values(count, 3), large = tiny;
    for (float &x : tiny) x *= 0x1p-130f;
    for (float &x : large) x *= 0x1p120f;
    for (const Operation &n : normalization_samples(shape))
      for (const std::vector<float> &inputs : {normal_values(count, 1, 1e6, 1), tiny, large, mixed_values(count, 4)})
        expect_bits(n, shape, inputs);
  }
}

// Memory that is neither contiguous nor channels-last passes through dense memory of the device.
TEST_P(DeviceNormalization, OtherLayouts) {
  const Extents shape = {2, 4, 3, 5};
  const std::vector<float> inputs = normal_values(120, 1);
  for (const Operation &n : normalization_samples(shape)) {
    SCOPED_TRACE(show(n));
    const Results expected = reference_bits(n, shape, inputs);
    for (const Layout &layout : {padded(shape, 1), reversed(dense(shape), 2)}) {
      DeviceArray from(device(), dense(shape), inputs), to(device(), layout), both(device(), layout, inputs);
      Results apart, in_place;
      ASSERT_TRUE(succeeded(run(n, from, to, &apart)));
      EXPECT_TRUE(same_bits(expected, apart, inputs));
      EXPECT_TRUE(to.host().surroundings_untouched());
      ASSERT_TRUE(succeeded(run(n, both, both, &in_place)));
      EXPECT_TRUE(same_bits(expected, in_place, inputs)) << "in place";
    }
  }
}

}  // namespace
}  // namespace kiln::test
