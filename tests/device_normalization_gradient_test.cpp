// Gradients of normalizations on devices: the bits of the CPU's baseline kernels, with statistics and without, in every
// form and type.
#include <devices/device.h>

#include <algorithm>

#include "support/device_array.h"
#include "support/every_operator.h"
#include "support/gradients.h"
#include "support/inputs.h"

namespace kiln::test {
namespace {

// Has a call's tensors in a device's memory, for the life of the object.
class CallOnDevice {
 public:
  CallOnDevice(GradientCall &call, devices::Device &device, const std::string &over) : call_(call), device_(device) {
    for (auto &[name, array] : call.arrays()) {
      const auto [begin, bytes] = array.memory();
      devices::Memory &there = memory_.try_emplace(name, device, bytes).first->second;
      device.write(there.data(), 0, begin, bytes);
      DLTensor tensor = *call.tensor(name);
      tensor.byte_offset += static_cast<uint64_t>(static_cast<char *>(tensor.data) - begin);
      tensor.data = there.data();
      tensor.device = device.id();
      call.pass(name, tensor);
    }
    if (!over.empty()) call.pass("grad_input", *call.tensor(over));
  }
  void fetch() {
    for (auto &[name, array] : call_.arrays()) {
      const auto [begin, bytes] = array.memory();
      device_.read(memory_.at(name).data(), 0, begin, bytes);
    }
  }

 private:
  GradientCall &call_;
  devices::Device &device_;
  std::map<std::string, devices::Memory> memory_;
};

class DeviceNormalizationGradient : public ::testing::TestWithParam<std::tuple<std::string, std::string>>,
                                    protected OnDevice {
 protected:
  void SetUp() override {
    open(std::get<1>(GetParam()));
    if (!IsSkipped()) use_device(context_);
    host_.isa(baseline().name).threads(1);
  }
  const std::string &op() const { return std::get<0>(GetParam()); }

  void expect(const GradientSample &sample, const GradientForm &form, bool with_statistics) {
    SCOPED_TRACE(show(sample) + ", " + form.name + (with_statistics ? ", with statistics" : ""));
    const GradientBits expected = run_gradient(host_, sample, form);
    GradientCall call(sample, form);
    if (with_statistics) call.give_statistics(host_);
    CallOnDevice there(call, device(), form.over);
    ASSERT_TRUE(succeeded(call.run(context_)));
    there.fetch();
    ASSERT_TRUE(same_bits(expected, call.results()));
    ASSERT_TRUE(call.only_results_written());
  }

  Context context_, host_;
};
INSTANTIATE_TEST_SUITE_P(Each, DeviceNormalizationGradient,
                         ::testing::Combine(::testing::ValuesIn(normalization_gradients()),
                                            ::testing::ValuesIn(each_device())),
                         [](const auto &info) { return std::get<0>(info.param) + "_on_" + std::get<1>(info.param); });

Layout with_gaps(const Extents &shape) { return padded(shape, 3); }

const std::vector<GradientForm> &forms() {
  static const std::vector<GradientForm> all = [] {
    std::vector<GradientForm> forms(5);
    forms[1] = {"channels-last", channels_last, channels_last, channels_last};
    forms[2] = {"of three layouts", dense, channels_last, with_gaps};
    forms[3].name = "in place", forms[3].over = "grad_output", forms[3].step = 2;
    forms[4] = {"channels-last, in place", channels_last, channels_last};
    forms[4].over = "input", forms[4].without = {"grad_bias"};
    return forms;
  }();
  return all;
}

// Rows and planes of one segment and of more, and more rows than a block of them; each call has another form and type.
TEST_P(DeviceNormalizationGradient, EveryForm) {
  const std::vector<const ElementType *> types = [] {
    std::vector<const ElementType *> all = {nullptr};
    for (const ElementType &type : element_types_of_16_bits()) all.push_back(&type);
    return all;
  }();
  const std::vector<std::string> with = gradients_with_statistics();
  const bool has_statistics = std::count(with.begin(), with.end(), op()) > 0;
  Turns calls(5);
  size_t turn = 0;
  for (const Extents &shape :
       {Extents{3, 8, 1}, Extents{2, 4, 3, 35}, Extents{5, 24, 7, 7}, Extents{70, 2, 17}, Extents{2, 4, 4097}})
    for (const GradientSample &sample : gradient_samples(op(), shape, 711))
      for (size_t k = 0; k < 6; ++k) {
        if (!calls.has(turn++)) continue;
        GradientForm form = forms()[turn % forms().size()];
        form.type = types[turn % 3], form.parameters = turn % 2 ? form.type : nullptr;
        expect(sample, form, has_statistics && turn % 4 == 0);
        if (HasFatalFailure()) return;
      }
}

}  // namespace
}  // namespace kiln::test
