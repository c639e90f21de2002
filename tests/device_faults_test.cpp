// A driver that refuses: whichever of its calls fails during an operator's, the first on that device, the call names it
// and leaves all memory as it was, or it does without and is right; the next one is right, and no memory is left
// behind.
#include <dlfcn.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <memory>

#include "support/child.h"
#include "support/device_array.h"
#include "support/expectations.h"
#include "support/failing_driver.h"
#include "support/inputs.h"

namespace kiln::test {
namespace {

// A function of the library that stands in for a driver.
template <class Function>
Function *stand_in(const std::string &api, const char *name) {
  const char *const library = std::getenv(api == "cuda" ? "KILN_CUDA_DRIVER" : "KILN_OPENCL_DRIVER");
  return library ? reinterpret_cast<Function *>(dlsym(dlopen(library, RTLD_NOW), name)) : nullptr;
}

// How memory lies: as kernels take it, or so that it passes through copies.
struct Way {
  const char *name;
  Layout (*layout)(const Extents &);
  bool in_place;
  int64_t parameter_step;
};
const Way kWays[] = {
    {"dense", dense, false, 1},
    {"padded and reversed, in place", [](const Extents &s) { return reversed(padded(s, 3), 2); }, true, 3}};

// A call with all its memory on a device.
class DeviceCallAgain {
 public:
  DeviceCallAgain(devices::Device &device, const Operation &operation, const Way &way)
      : operation_(operation), in_place_(way.in_place) {
    const Layout layout = way.layout(kShape);
    inputs_ = normal_values(layout.count(), 921, 1, 2);
    add("input", device, layout, inputs_);
    if (!in_place_) add("output", device, layout, std::vector<float>(layout.count(), 7));
    for (const std::string &name : operation_.parameters())
      if (!operation_.values(name).empty())
        add(name, device, stepped(operation_.shape_of(name, kShape), way.parameter_step), operation_.values(name));
    expected_ = reference_bits(operation_, kShape, inputs_);
  }

  kiln_status run(const kiln_context *context) {
    Tensors tensors;
    for (auto &[name, one] : all_) {
      one.array->host().set(one.before);
      one.tensor = one.array->tensor();
      tensors[name] = &one.tensor;
    }
    if (in_place_) tensors["output"] = tensors["input"];
    const PreparedCall prepared(operation_, tensors);
    if (arm_) arm_();
    return prepared.run(context);
  }
  void arm(std::function<void()> what) { arm_ = std::move(what); }

  // But for running statistics, whose launches may have come before (docs/using/devices.md).
  bool untouched() {
    for (auto &[name, one] : all_) {
      const std::vector<float> now = one.array->fetch().get();
      const bool updated = (name == "running_mean" && same_bits(expected_.running_mean, now)) ||
                           (name == "running_var" && same_bits(expected_.running_var, now));
      if (!updated && !same_bits(one.before, now)) return false;
    }
    return true;
  }
  bool has_results() {
    const auto values = [&](const char *name) {
      return all_.count(name) ? all_.at(name).array->fetch().get() : std::vector<float>();
    };
    return same_bits(expected_,
                     {values(in_place_ ? "input" : "output"), values("running_mean"), values("running_var")});
  }

 private:
  struct One {
    std::unique_ptr<DeviceArray> array;
    std::vector<float> before;
    DLTensor tensor;
  };
  void add(const std::string &name, devices::Device &device, const Layout &layout, const std::vector<float> &values) {
    all_[name] = {std::make_unique<DeviceArray>(device, layout, 1), values, {}};
  }

  static inline const Extents kShape = {2, 4, 3, 5};
  const Operation &operation_;
  bool in_place_;
  std::vector<float> inputs_;
  std::map<std::string, One> all_;
  Results expected_;
  std::function<void()> arm_;
};

class DeviceFaults : public ::testing::TestWithParam<std::tuple<std::string, std::string>> {
 protected:
  const std::string &op() const { return std::get<0>(GetParam()); }
  const std::string &api() const { return std::get<1>(GetParam()); }

  void SetUp() override {
    if (!stand_in<void>(api(), "kiln_fail_driver_call")) GTEST_SKIP() << "no driver that fails on demand";
  }

  // What is wrong with a call whose n-th call of the driver fails; "none" where it makes fewer.
  std::string fault(const Operation &operation, const Way &way, uint64_t n) {
    const auto live = stand_in<uint64_t()>(api(), "kiln_live_driver_memory");
    const auto failed = stand_in<const char *()>(api(), "kiln_failed_driver_call");
    const std::unique_ptr<devices::Device> device = devices::open(api());
    const uint64_t before = live();
    std::string name, wrong;
    {
      Context context;
      device->use_in(context);
      DeviceCallAgain call(*device, operation, way);
      call.arm([&] { stand_in<void(uint64_t)>(api(), "kiln_fail_driver_call")(n); });
      const kiln_status status = call.run(context);
      const char *const met = failed();
      call.arm(nullptr);
      name = met ? met : "none";
      wrong = met && status != KILN_STATUS_OK ? refusal(name, status, call) : "";
      if (!met && status != KILN_STATUS_OK) wrong = std::string("no call failed: ") + kiln_last_error();
      if (status == KILN_STATUS_OK && !call.has_results()) wrong += ": other bits";
      if (call.run(context) != KILN_STATUS_OK || !call.has_results())
        wrong += std::string(": the next call is not right: ") + kiln_last_error();
    }
    if (live() != before) wrong += ": " + std::to_string(live() - before) + " pieces of memory are left";
    if (!wrong.empty()) return name + ": " + wrong;
    return name == "none" ? name : "";
  }

  std::string refusal(const std::string &name, kiln_status status, DeviceCallAgain &call) const {
    const std::string said = kiln_last_error(), driver_call = name.substr(0, name.find("_v2"));
    if (status != KILN_STATUS_DEVICE_ERROR && status != KILN_STATUS_NO_DEVICE) return kiln_status_name(status);
    if (said.find("kiln_" + op() + ": ") != 0 || said.find(driver_call) == std::string::npos) return "says " + said;
    return call.untouched() ? "" : "memory was written";
  }
};
INSTANTIATE_TEST_SUITE_P(Each, DeviceFaults,
                         ::testing::Combine(::testing::ValuesIn(all_operators()), ::testing::ValuesIn(each_device())),
                         [](const auto &info) { return std::get<0>(info.param) + "_on_" + std::get<1>(info.param); });

// CUDA's calls begin in a process of their own, with a driver that nobody has opened; OpenCL's in a context of its own.
TEST_P(DeviceFaults, EachCallOfTheDriver) {
  const Extents shape = {2, 4, 3, 5};
  for (const Operation &operation : samples_of(op(), shape))
    for (const Way &way : kWays) {
      uint64_t n = 0;
      for (std::string wrong; wrong != "none" && !HasFailure();) {
        ++n;
        Told told;
        const auto tried = [&] {
          told.tell("it crashed");
          told.tell(fault(operation, way, n));
          return 0;
        };
        const int status = api() == "cuda" ? run_in_child(tried) : tried();
        wrong = told.text();
        EXPECT_EQ(status, 0) << wrong;
        EXPECT_TRUE(wrong.empty() || wrong == "none")
            << show(operation) << ", " << way.name << ", call " << n << " of the driver: " << wrong;
      }
      EXPECT_GT(n, 5u) << show(operation) << ", " << way.name << ": hardly a call was made";
    }
}

}  // namespace
}  // namespace kiln::test
