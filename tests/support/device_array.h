// Devices that tests run on, and tensors in their memory.
#pragma once

#include <devices/device.h>

#include "support/array.h"
#include "support/element_type.h"
#include "support/operators.h"

namespace kiln::test {

// The device of an API, opened once, or NULL; `why_not` then says why.
devices::Device *device_of(const std::string &api, std::string *why_not);

// A tensor of the host (Array, Words) in a device's memory: it is copied there when a tensor is asked for, and back by
// fetch().
template <class Host>
class OfHost {
 public:
  // The lowest element lies at a multiple of 256 bytes plus `misalignment` elements.
  OfHost(devices::Device &device, Host host, int misalignment = 0);

  // The tensor in the device's memory.
  DLTensor tensor();
  // What is there now, elements and all around them.
  Host &fetch();
  Host &host() { return host_; }

 private:
  devices::Device &device_;
  Host host_;
  int64_t pad_;  // elements before the host's memory
  devices::Memory memory_;
};

class DeviceArray : public OfHost<Array> {
 public:
  DeviceArray(devices::Device &device, Layout layout, int misalignment = 0)
      : OfHost(device, Array(std::move(layout)), misalignment) {}
  DeviceArray(devices::Device &device, Layout layout, const std::vector<float> &values, int misalignment = 0)
      : OfHost(device, Array(std::move(layout), values), misalignment) {}
};
using DeviceWords = OfHost<Words>;

// Tests of an elementwise operator on a device.
struct OperatorOnDevice {
  const ElementwiseOperator *op;
  std::string api;
};
std::vector<OperatorOnDevice> each_operator_and_device();
std::vector<OperatorOnDevice> gradients_and_devices();
std::vector<std::string> each_device();
inline void PrintTo(const OperatorOnDevice &p, std::ostream *out) { *out << p.op->name << "_on_" << p.api; }

class OnDevice {
 protected:
  // Skips the test where the device cannot be had.
  void open(const std::string &api);
  devices::Device &device() const { return *device_; }
  // A context with the device's queue.
  void use_device(Context &context) const { device_->use_in(context); }

 private:
  devices::Device *device_ = nullptr;
};

class ElementwiseDeviceTest : public ::testing::TestWithParam<OperatorOnDevice>, protected OnDevice {
 protected:
  void SetUp() override { open(GetParam().api); }
  const ElementwiseOperator &op() const { return *GetParam().op; }
};
#define KILN_EACH_OPERATOR_AND_DEVICE(suite)                                                           \
  INSTANTIATE_TEST_SUITE_P(Each, suite, ::testing::ValuesIn(::kiln::test::each_operator_and_device()), \
                           [](const ::testing::TestParamInfo<::kiln::test::OperatorOnDevice> &info) {  \
                             return info.param.op->name + ("_on_" + info.param.api);                   \
                           })

class DeviceTest : public ::testing::TestWithParam<std::string>, protected OnDevice {
 protected:
  void SetUp() override { open(GetParam()); }
};
#define KILN_EACH_DEVICE(suite)                                                           \
  INSTANTIATE_TEST_SUITE_P(Each, suite, ::testing::ValuesIn(::kiln::test::each_device()), \
                           [](const ::testing::TestParamInfo<std::string> &info) { return "all_on_" + info.param; })

}  // namespace kiln::test
