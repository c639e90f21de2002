// A driver that refuses: whichever of its calls fails during an operator's, the first on that device, the call names it
// and leaves all its tensors as they were, or it does without and is right; the next one is right, and no memory is
// left behind. Where a launch fails, what was launched before it may be seen (docs/using/devices.md).
#include <set>

#include "support/child.h"
#include "support/device_call_again.h"

namespace kiln::test {
namespace {

// What is called to launch a kernel, when others may have been launched.
const std::set<std::string> kLaunching = {"cuLaunchKernel", "clCreateBuffer",      "clCreateSubBuffer",
                                          "clSetKernelArg", "clEnqueueCopyBuffer", "clEnqueueNDRangeKernel"};

class DeviceFaults : public ::testing::TestWithParam<std::tuple<std::string, std::string>> {
 protected:
  const std::string &op() const { return std::get<0>(GetParam()); }
  const std::string &api() const { return std::get<1>(GetParam()); }

  void SetUp() override {
    if (!stand_in<void>(api(), "kiln_fail_driver_call")) GTEST_SKIP() << "no driver that fails on demand";
    std::string why_not;
    if (api() == "opencl" && !device_of(api(), &why_not)) GTEST_SKIP() << why_not;
  }

  // Has the n-th call of the driver, or of this entry point, fail during a call: which one it was, or "" where there
  // are fewer. What is wrong with the call then is added to `wrong`.
  std::string fail(DeviceCallAgain &call, const kiln_context *context, uint64_t n, std::string *wrong,
                   const char *entry_point = nullptr) {
    call.arm([&] { stand_in<void(const char *, uint64_t)>(api(), "kiln_fail_driver_call")(entry_point, n); });
    const kiln_status status = call.run(context);
    const char *const met = stand_in<const char *()>(api(), "kiln_failed_driver_call")();
    call.arm(nullptr);
    if (met && status != KILN_STATUS_OK) *wrong += refusal(met, status, call);
    if (!met && status != KILN_STATUS_OK) *wrong += std::string("; no call failed: ") + kiln_last_error();
    if (met && entry_point && status == KILN_STATUS_OK) *wrong += "; the call went on";
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
  std::string fail_each(const Operation &operation, const Extents &shape, const Form &form, int64_t parameter_step) {
    const std::unique_ptr<devices::Device> device = devices::open(api());
    const uint64_t before = live();
    uint64_t refused_to_free = 0, most = 0;
    std::string wrong;
    {
      Context context;
      device->use_in(context);
      DeviceCallAgain call(*device, operation, shape, form, parameter_step);
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

  // With a device that nothing has used: the driver refuses the first image; then, with one more loaded each time, the
  // next one, until there are no more. Gives what is wrong, or "".
  std::string fail_each_image(const Operation &operation, const Extents &shape, const Form &form,
                              int64_t parameter_step) {
    const std::unique_ptr<devices::Device> device = devices::open(api());
    Context context;
    device->use_in(context);
    DeviceCallAgain call(*device, operation, shape, form, parameter_step);
    const char *const load = api() == "cuda" ? "cuModuleLoadDataEx" : "clBuildProgram";
    const uint64_t first = images();
    std::string wrong;
    for (uint64_t loaded = 0;; ++loaded) {
      const std::string met = fail(call, context, loaded == 0 ? 1 : 2, &wrong, load);
      if (met.empty()) return wrong.empty() && loaded == 0 ? "no image was loaded" : wrong;
      if (wrong.empty() && images() != first + loaded) wrong = std::to_string(images() - first) + " images are loaded";
      if (!wrong.empty()) return wrong;
    }
  }

  std::string refusal(const std::string &name, kiln_status status, DeviceCallAgain &call) const {
    const std::string said = kiln_last_error(), driver_call = name.substr(0, name.find("_v2"));
    if (status != KILN_STATUS_DEVICE_ERROR && status != KILN_STATUS_NO_DEVICE)
      return std::string("; ") + kiln_status_name(status);
    if (said.find("kiln_" + op() + ": ") != 0 || said.find(driver_call) == std::string::npos) return "; says " + said;
    const bool launching = call.updates() && kLaunching.count(name);
    const std::string written = launching ? call.written_in_part() : call.written();
    return written.empty() ? "" : "; " + written + " was written";
  }
};
INSTANTIATE_TEST_SUITE_P(Each, DeviceFaults,
                         ::testing::Combine(::testing::ValuesIn(all_operators()), ::testing::ValuesIn(each_device())),
                         [](const auto &info) { return std::get<0>(info.param) + "_on_" + std::get<1>(info.param); });

// CUDA's calls begin in a process of their own, with a driver that nobody has opened; OpenCL's in a context of their
// own.
template <class Body>
void expect_nothing_wrong(const std::string &api, const Operation &operation, const Extents &shape, const Form &form,
                          const Body &body) {
  Told told;
  told.tell("it crashed");
  const auto all = [&] {
    told.tell(body());
    return 0;
  };
  api == "cuda" ? run_in_child(all) : all();
  EXPECT_STREQ(told.text(), "") << show(operation) << " of " << show(shape) << ", " << form.name;
}

TEST_P(DeviceFaults, EachCallOfTheDriver) {
  const Extents shape = {2, 4, 3, 5};
  const std::vector<Operation> samples = samples_of(op(), shape);
  const auto apart = [](const Extents &s) { return reversed(padded(s, 3), 2); };
  const auto expect = [&](const Operation &operation, const Form &form, int64_t parameter_step) {
    expect_nothing_wrong(api(), operation, shape, form,
                         [&] { return fail_each(operation, shape, form, parameter_step); });
  };
  expect(samples[samples.size() / 2], {"dense", dense, dense, false}, 1);
  expect(samples.back(), {"padded and reversed, in place", apart, apart, true}, 3);
}

// Every operation in a third of the forms, which are others for the next one, with parameters as kernels take them and
// as they do not; and of rows that are too long for one kernel.
TEST_P(DeviceFaults, EachImageLeavesAllAsItWas) {
  const auto expect = [&](const Operation &operation, const Extents &shape, const Form &form, int64_t parameter_step) {
    expect_nothing_wrong(api(), operation, shape, form,
                         [&] { return fail_each_image(operation, shape, form, parameter_step); });
  };
  int64_t step = 1, turn = 0;
  for (const Operation &operation : samples_of(op(), {2, 4, 3, 5}))
    for (const Form &form : forms())
      if (turn++ % 3 == 0) expect(operation, {2, 4, 3, 5}, form, step = 4 - step);
  for (const Operation &operation : samples_of(op(), {2, 8200})) expect(operation, {2, 8200}, forms()[0], 1);
}

}  // namespace
}  // namespace kiln::test
