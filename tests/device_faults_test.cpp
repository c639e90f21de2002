// A driver that refuses: whichever of its calls fails during an operator's, the first on that device, the call names it
// and leaves input and output as they were, or it does without and is right; the next one is right, and no memory is
// left behind.
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

  // The first tensor that is not as it was, or "". A call that updates running statistics has several tensors to write,
  // one launch after the other: each is as it was or as it should be (docs/using/devices.md).
  std::string written() {
    for (auto &[name, one] : all_) {
      const std::vector<float> now = one.array->fetch().get(), *const after = result(name);
      if (!same_bits(one.before, now) && !(operation_.updates() && after && same_bits(*after, now))) return name;
    }
    return "";
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

  // What it should hold afterwards; NULL for what is only read.
  const std::vector<float> *result(const std::string &name) const {
    if (name == (in_place_ ? "input" : "output")) return &expected_.output;
    if (name == "running_mean") return &expected_.running_mean;
    return name == "running_var" ? &expected_.running_var : nullptr;
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
    std::string why_not;
    if (api() == "opencl" && !device_of(api(), &why_not)) GTEST_SKIP() << why_not;
  }

  // Has the n-th call of the driver fail during a call: its entry point, or "" where there are fewer. What is wrong
  // with the call then is added to `wrong`.
  std::string fail(DeviceCallAgain &call, const kiln_context *context, uint64_t n, std::string *wrong) {
    call.arm([&] { stand_in<void(uint64_t)>(api(), "kiln_fail_driver_call")(n); });
    const kiln_status status = call.run(context);
    const char *const met = stand_in<const char *()>(api(), "kiln_failed_driver_call")();
    call.arm(nullptr);
    if (met && status != KILN_STATUS_OK) *wrong += refusal(met, status, call);
    if (!met && status != KILN_STATUS_OK) *wrong += std::string("; no call failed: ") + kiln_last_error();
    if (status == KILN_STATUS_OK && !call.has_results()) *wrong += "; other bits";
    if (!wrong->empty()) *wrong = "call " + std::to_string(n) + " of the driver, " + (met ? met : "none") + *wrong;
    return met ? met : "";
  }
  void expect_right(DeviceCallAgain &call, const kiln_context *context, std::string *wrong) {
    if (call.run(context) != KILN_STATUS_OK || !call.has_results())
      *wrong += std::string("; the next call is not right: ") + kiln_last_error();
  }
  uint64_t live() const { return stand_in<uint64_t()>(api(), "kiln_live_driver_memory")(); }
  uint64_t images() const { return stand_in<uint64_t()>(api(), "kiln_driver_images")(); }

  // With a device that nothing has used: from the first call on, and again whenever one more of the kernels is loaded;
  // then with all of them there, a right call after each. Gives what is wrong, or "".
  std::string fail_each(const Operation &operation, const Way &way) {
    const std::unique_ptr<devices::Device> device = devices::open(api());
    const uint64_t before = live();
    uint64_t refused_to_free = 0, most = 0;
    std::string wrong;
    {
      Context context;
      device->use_in(context);
      DeviceCallAgain call(*device, operation, way);
      for (bool loaded : {false, true}) {
        uint64_t n = 1;
        for (uint64_t had = images(); wrong.empty(); had = images()) {
          const std::string met = fail(call, context, n, &wrong);
          if (met.empty()) break;
          refused_to_free += met == "clReleaseMemObject";
          if (loaded) expect_right(call, context, &wrong);
          most = std::max(most, n);
          n = images() > had ? 1 : n + 1;
        }
      }
      expect_right(call, context, &wrong);
    }
    if (wrong.empty() && live() != before + refused_to_free) wrong = "memory is left";
    return wrong.empty() && most < 5 ? "hardly a call was made" : wrong;
  }

  std::string refusal(const std::string &name, kiln_status status, DeviceCallAgain &call) const {
    const std::string said = kiln_last_error(), driver_call = name.substr(0, name.find("_v2"));
    if (status != KILN_STATUS_DEVICE_ERROR && status != KILN_STATUS_NO_DEVICE)
      return std::string("; ") + kiln_status_name(status);
    if (said.find("kiln_" + op() + ": ") != 0 || said.find(driver_call) == std::string::npos) return "; says " + said;
    const std::string written = call.written();
    return written.empty() ? "" : "; " + written + " was written";
  }
};
INSTANTIATE_TEST_SUITE_P(Each, DeviceFaults,
                         ::testing::Combine(::testing::ValuesIn(all_operators()), ::testing::ValuesIn(each_device())),
                         [](const auto &info) { return std::get<0>(info.param) + "_on_" + std::get<1>(info.param); });

// CUDA's calls begin in a process of their own, with a driver that nobody has opened; OpenCL's in a context of their
// own.
TEST_P(DeviceFaults, EachCallOfTheDriver) {
  const std::vector<Operation> samples = samples_of(op(), {2, 4, 3, 5});
  const std::pair<const Operation *, const Way *> cases[] = {{&samples[samples.size() / 2], &kWays[0]},
                                                             {&samples.back(), &kWays[1]}};
  for (const auto &[operation, way] : cases) {
    Told told;
    told.tell("it crashed");
    const auto all = [&, operation = operation, way = way] {
      told.tell(fail_each(*operation, *way));
      return 0;
    };
    api() == "cuda" ? run_in_child(all) : all();
    EXPECT_STREQ(told.text(), "") << show(*operation) << ", " << way->name;
  }
}

}  // namespace
}  // namespace kiln::test
