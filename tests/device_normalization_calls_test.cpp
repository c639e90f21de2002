// Calls of normalizations on devices: each parameter must be there too, a refused call writes nothing, empty tensors
// are served; five dimensions, one sample, one channel.
#include <map>
#include <memory>

#include "support/device_array.h"
#include "support/inputs.h"
#include "support/normalizations.h"

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

  // What every operator is given here; layer_norm's rows are the last dimension, of as many values as its parameters.
  static std::vector<Normalization> with_every_parameter() {
    Normalization n{""};
    n.weight = normal_values(kChannels, 2), n.bias = normal_values(kChannels, 3);
    n.num_groups = 2, n.normalized_shape = {kChannels}, n.batch_statistics = true;
    std::vector<Normalization> all;
    for (const char *op : {"batch_norm", "instance_norm", "group_norm", "layer_norm"}) {
      all.push_back(n);
      all.back().op = op;
      if (!all.back().has_statistics()) continue;
      all.back().running_mean = normal_values(kChannels, 4);
      all.back().running_var = std::vector<float>(kChannels, 2.0f);
    }
    return all;
  }

  // The call with the parameter `here` in the host's memory, the others on the device: refused by that name, and
  // nothing is written. False where the operator has no such parameter.
  bool refuses(const Normalization &n, const std::string &here) {
    const std::vector<std::pair<const char *, const std::vector<float> *>> parameters = {
        {"running_mean", &n.running_mean}, {"running_var", &n.running_var}, {"weight", &n.weight}, {"bias", &n.bias}};
    const Extents shape = n.is("layer_norm") ? Extents{30, kChannels} : shape_;
    std::map<std::string, std::unique_ptr<DeviceArray>> there;
    std::map<std::string, DLTensor> tensors;
    std::map<std::string, std::vector<float>> before;
    Array on_host(dense({kChannels}), normal_values(kChannels, 9));
    bool found = false;
    for (const auto &[name, values] : parameters) {
      if (values->empty()) continue;
      if (name == here) {
        found = true;
        tensors[name] = on_host.tensor();
        continue;
      }
      before[name] = *values;
      there[name] = std::make_unique<DeviceArray>(device(), dense({kChannels}), *values);
      tensors[name] = there[name]->tensor();
    }
    if (!found) return false;
    DeviceArray from(device(), dense(shape), inputs_), to(device(), dense(shape), inputs_);
    const auto given = [&](const char *name) { return tensors.count(name) ? &tensors[name] : nullptr; };
    const DLTensor input = from.tensor();
    DLTensor output = to.tensor();
    EXPECT_TRUE(failed_with(
        KILN_STATUS_INVALID_ARGUMENT, {here, "device of", "cpu:0", GetParam() + ":0"},
        call(context_, n,
             {&input, given("running_mean"), given("running_var"), given("weight"), given("bias"), &output})));
    EXPECT_TRUE(same_bits(inputs_, to.fetch().get())) << "the output was written";
    EXPECT_TRUE(same_bits(normal_values(kChannels, 9), on_host.get())) << here << " was written";
    for (const auto &[name, array] : there)
      EXPECT_TRUE(same_bits(before.at(name), array->fetch().get())) << name << " was written";
    return true;
  }

  void expect_bits(const Normalization &n, const Extents &shape, const std::vector<float> &inputs) {
    SCOPED_TRACE(show(n) + ", shape " + show(shape));
    DeviceArray from(device(), dense(shape), inputs), to(device(), dense(shape));
    const DLTensor input = from.tensor();
    DLTensor output = to.tensor();
    ASSERT_TRUE(succeeded(call(context_, n, {&input, nullptr, nullptr, nullptr, nullptr, &output})));
    EXPECT_TRUE(same_bits(reference_bits(n, shape, inputs).output, to.fetch().get(), inputs));
    EXPECT_TRUE(to.host().surroundings_untouched());
  }

  Context context_;
};
KILN_EACH_DEVICE(DeviceNormalizationCalls);

TEST_P(DeviceNormalizationCalls, ParametersOfTheHostAreRefused) {
  int refused = 0;
  for (const Normalization &n : with_every_parameter())
    for (const char *here : {"running_mean", "running_var", "weight", "bias"}) {
      SCOPED_TRACE(n.op + ", " + here);
      refused += refuses(n, here);
    }
  EXPECT_EQ(refused, 4 + 4 + 2 + 2);
  Normalization served{"layer_norm"};
  served.normalized_shape = {5};
  expect_bits(served, shape_, inputs_);
}

TEST_P(DeviceNormalizationCalls, FiveDimensionsOneSampleOneChannel) {
  for (const Extents &shape : {Extents{2, 4, 2, 3, 3}, Extents{1, 6, 7, 7}, Extents{3, 1, 11}}) {
    const std::vector<float> inputs = normal_values(dense(shape).count(), 5, 100, 1);
    int served = 0;
    for (Normalization n : normalizations_of(shape)) {
      n.weight.clear(), n.bias.clear();
      if (n.has_statistics()) {
        if (!n.batch_statistics) continue;
        n.running_mean.clear(), n.running_var.clear();
      }
      expect_bits(n, shape, inputs);
      ++served;
    }
    EXPECT_GT(served, 10);
  }
}

TEST_P(DeviceNormalizationCalls, EmptyTensors) {
  for (const char *op : {"group_norm", "instance_norm", "layer_norm", "local_response_norm", "normalize"}) {
    SCOPED_TRACE(op);
    Normalization n{op};
    n.batch_statistics = true, n.normalized_shape = {5};
    const Layout layout = dense({0, kChannels, 3, 5});
    DeviceArray from(device(), layout), to(device(), layout);
    const DLTensor input = from.tensor();
    DLTensor output = to.tensor();
    EXPECT_TRUE(succeeded(call(context_, n, {&input, nullptr, nullptr, nullptr, nullptr, &output})));
    EXPECT_TRUE(to.fetch().surroundings_untouched());
  }
}

}  // namespace
}  // namespace kiln::test
