// Calls of normalizations on devices: each parameter must be there too, a refused call writes nothing, empty tensors
// are served; five dimensions, one sample, one channel.
#include <map>
#include <memory>

#include "support/device_array.h"
#include "support/inputs.h"
#include "support/expectations.h"

namespace kiln::test {
namespace {

class DeviceNormalizationCalls : public DeviceTest {
 protected:
  static constexpr int64_t kChannels = 4;
  const Extents shape_ = {2, kChannels, 3, 5};
  const std::vector<float> inputs_ = normal_values(120, 1);

  void SetUp() override {
    DeviceTest::SetUp();
    if (!IsSkipped()) use_device(context_);
  }

  // Every operator that has parameters, with all of them; layer_norm's rows are the last dimension, of as many values.
  static std::vector<Operation> with_every_parameter() {
    std::vector<Operation> all;
    for (const std::string &op : all_operators()) {
      Operation n(op);
      if (n.parameters().empty()) continue;
      n.of_batch(true);
      n.with("num_groups", 2).with("normalized_shape", Extents{kChannels});
      for (const std::string &name : n.parameters())
        n.values(name) = name == "running_var" ? std::vector<float>(kChannels, 2.0f) : normal_values(kChannels, name.size());
      all.push_back(n);
    }
    return all;
  }

  // The call with the parameter `here` in the host's memory, the others on the device: refused by that name, and
  // nothing is written.
  void expect_refusal(const Operation &n, const std::string &here) {
    const Extents shape = n.has("normalized_shape") ? Extents{30, kChannels} : shape_;
    std::map<std::string, std::unique_ptr<DeviceArray>> there;
    std::map<std::string, DLTensor> given;
    Array on_host(dense({kChannels}), normal_values(kChannels, 9));
    DeviceArray from(device(), dense(shape), inputs_), to(device(), dense(shape), inputs_);
    given["input"] = from.tensor(), given["output"] = to.tensor();
    for (const std::string &name : n.parameters()) {
      if (name != here) there[name] = std::make_unique<DeviceArray>(device(), dense({kChannels}), n.values(name));
      given[name] = name == here ? on_host.tensor() : there[name]->tensor();
    }
    Tensors tensors;
    for (const auto &[name, tensor] : given) tensors[name] = &tensor;
    EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {here, "device of", "cpu:0", GetParam() + ":0"},
                            call(context_, n, tensors)));
    EXPECT_TRUE(same_bits(inputs_, to.fetch().get())) << "the output was written";
    EXPECT_TRUE(same_bits(normal_values(kChannels, 9), on_host.get())) << here << " was written";
    for (const auto &[name, array] : there)
      EXPECT_TRUE(same_bits(n.values(name), array->fetch().get())) << name << " was written";
  }

  void expect_bits(const Operation &n, const Extents &shape, const std::vector<float> &inputs) {
    SCOPED_TRACE(show(n) + ", shape " + show(shape));
    DeviceArray from(device(), dense(shape), inputs), to(device(), dense(shape));
    const DLTensor input = from.tensor();
    DLTensor output = to.tensor();
    ASSERT_TRUE(succeeded(call(context_, n, {{"input", &input}, {"output", &output}})));
    EXPECT_TRUE(same_bits(reference_bits(n, shape, inputs).output, to.fetch().get(), inputs));
    EXPECT_TRUE(to.host().surroundings_untouched());
  }

  Context context_;
};
KILN_EACH_DEVICE(DeviceNormalizationCalls);

TEST_P(DeviceNormalizationCalls, ParametersOfTheHostAreRefused) {
  const std::vector<Operation> all = with_every_parameter();
  EXPECT_GE(all.size(), 4u);
  for (const Operation &n : all)
    for (const std::string &here : n.parameters()) {
      SCOPED_TRACE(n.name() + ", " + here);
      expect_refusal(n, here);
    }
  expect_bits(layer_norm({5}), shape_, inputs_);
}

TEST_P(DeviceNormalizationCalls, FiveDimensionsOneSampleOneChannel) {
  for (const Extents &shape : {Extents{2, 4, 2, 3, 3}, Extents{1, 6, 7, 7}, Extents{3, 1, 11}}) {
    const std::vector<float> inputs = normal_values(dense(shape).count(), 5, 100, 1);
    int served = 0;
    for (Operation n : normalization_samples(shape)) {
      if (n.has_statistics() && !n.of_batch()) continue;
      for (const std::string &name : n.parameters()) n.values(name).clear();
      expect_bits(n, shape, inputs);
      ++served;
    }
    EXPECT_GT(served, 10);
  }
}

TEST_P(DeviceNormalizationCalls, EmptyTensors) {
  for (const std::string &op : all_operators()) {
    SCOPED_TRACE(op);
    Operation n(op);
    n.of_batch(true);
    n.with("normalized_shape", Extents{5}).with("num_groups", 2);
    const Layout layout = dense({0, kChannels, 3, 5});
    DeviceArray from(device(), layout), to(device(), layout);
    const DLTensor input = from.tensor();
    DLTensor output = to.tensor();
    EXPECT_TRUE(succeeded(call(context_, n, {{"input", &input}, {"output", &output}})));
    EXPECT_TRUE(to.fetch().surroundings_untouched());
  }
}

}  // namespace
}  // namespace kiln::test
