// A driver's stand-in that fails on demand, and a call again and again with all its memory on the device.
#pragma once

#include <dlfcn.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <memory>

#include "support/device_array.h"
#include "support/expectations.h"
#include "support/failing_driver.h"
#include "support/inputs.h"

namespace kiln::test {

// A function of the library that stands in for a driver.
template <class Function>
Function *stand_in(const std::string &api, const char *name) {
  const char *const library = std::getenv(api == "cuda" ? "KILN_CUDA_DRIVER" : "KILN_OPENCL_DRIVER");
  return library ? reinterpret_cast<Function *>(dlsym(dlopen(library, RTLD_NOW), name)) : nullptr;
}

// A call with all its memory on a device.
class DeviceCallAgain {
 public:
  // Parameters lie `parameter_step` elements apart.
  DeviceCallAgain(devices::Device &device, const Operation &operation, const Extents &shape, const Form &form,
                  int64_t parameter_step)
      : operation_(operation), in_place_(form.in_place) {
    const Layout layout = form.input(shape);
    inputs_ = normal_values(layout.count(), 921, 1, 2);
    add("input", device, layout, inputs_);
    if (!in_place_) add("output", device, form.output(shape), std::vector<float>(layout.count(), 7));
    for (const std::string &name : operation_.parameters())
      if (!operation_.values(name).empty())
        add(name, device, stepped(operation_.shape_of(name, shape), parameter_step), operation_.values(name));
    expected_ = reference_bits(operation_, shape, inputs_);
  }

  kiln_status run(const kiln_context *context) {
    Tensors tensors;
    for (auto &[name, one] : all_) {
      one.array->host().set(one.before);
      one.memory = one.array->host().snapshot();
      one.tensor = one.array->tensor();
      tensors[name] = &one.tensor;
    }
    if (in_place_) tensors["output"] = tensors["input"];
    const PreparedCall prepared(operation_, tensors);
    if (arm_) arm_();
    return prepared.run(context);
  }
  bool updates() const { return operation_.updates(); }
  // What is done once the tensors are there, before the operator is called.
  void arm(std::function<void()> what) { arm_ = std::move(what); }

  // The first tensor that is not as it was, the gaps between its elements included, or "".
  std::string written() {
    for (auto &[name, one] : all_)
      if (!is_as_it_was(one)) return name;
    return "";
  }
  // The first one that is neither as it was nor as it should be.
  std::string written_in_part() {
    for (auto &[name, one] : all_) {
      const std::vector<float> *const after = result(name);
      if (!is_as_it_was(one) && !(after && same_bits(*after, one.array->host().get()))) return name;
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
    std::vector<uint32_t> memory;  // the elements and all around them
    DLTensor tensor;
  };
  void add(const std::string &name, devices::Device &device, const Layout &layout, const std::vector<float> &values) {
    all_[name] = {std::make_unique<DeviceArray>(device, layout, 1), values, {}, {}};
  }

  static bool is_as_it_was(One &one) { return one.array->fetch().snapshot() == one.memory; }

  // What it should hold afterwards; NULL for what is only read.
  const std::vector<float> *result(const std::string &name) const {
    if (name == (in_place_ ? "input" : "output")) return &expected_.output;
    if (name == "running_mean") return &expected_.running_mean;
    return name == "running_var" ? &expected_.running_var : nullptr;
  }

  const Operation &operation_;
  bool in_place_;
  std::vector<float> inputs_;
  std::map<std::string, One> all_;
  Results expected_;
  std::function<void()> arm_;
};

}  // namespace kiln::test
