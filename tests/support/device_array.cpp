#include "support/device_array.h"

#include <map>
#include <stdexcept>

namespace kiln::test {

devices::Device *device_of(const std::string &api, std::string *why_not) {
  // Kept for good: at exit a driver's library may end before anything that was made ahead of it.
  static auto *const open = new std::map<std::string, std::unique_ptr<devices::Device>>;
  std::unique_ptr<devices::Device> &device = (*open)[api];
  if (!device) try {
      device = devices::open(api);
    } catch (const std::runtime_error &error) {
      *why_not = error.what();
    }
  return device.get();
}

namespace {

template <class Host>
constexpr int64_t kBytes = sizeof(typename Host::Value);

template <class Host>
int64_t pad_for(const Host &host, int misalignment) {
  constexpr int64_t kAlignment = 256 / kBytes<Host>;
  const int64_t lowest = host.origin() + host.layout().low() - misalignment;
  return (kAlignment - lowest % kAlignment) % kAlignment;
}

}  // namespace

template <class Host>
OfHost<Host>::OfHost(devices::Device &device, Host host, int misalignment)
    : device_(device),
      host_(std::move(host)),
      pad_(pad_for(host_, misalignment)),
      memory_(device, (pad_ + host_.memory().size()) * kBytes<Host>) {}

template <class Host>
DLTensor OfHost<Host>::tensor() {
  device_.write(memory_.data(), pad_ * kBytes<Host>, host_.memory().data(), host_.memory().size() * kBytes<Host>);
  DLTensor tensor = host_.tensor();
  tensor.device = device_.id();
  tensor.data = memory_.data();
  tensor.byte_offset = (pad_ + host_.origin()) * kBytes<Host>;
  return tensor;
}

template <class Host>
Host &OfHost<Host>::fetch() {
  device_.read(memory_.data(), pad_ * kBytes<Host>, host_.memory().data(), host_.memory().size() * kBytes<Host>);
  return host_;
}

template class OfHost<Array>;
template class OfHost<Words>;

std::vector<std::string> each_device() {
  return {
#define KILN_DEVICE(name, device, dlpack, halide) #device,
#include "../../devices.def"
  };
}

namespace {
std::vector<OperatorOnDevice> on_each_device(const std::vector<ElementwiseOperator> &operators) {
  std::vector<OperatorOnDevice> all;
  for (const ElementwiseOperator &op : operators)
    for (const std::string &api : each_device()) all.push_back({&op, api});
  return all;
}
}  // namespace

std::vector<OperatorOnDevice> each_operator_and_device() { return on_each_device(elementwise_operators()); }
std::vector<OperatorOnDevice> gradients_and_devices() { return on_each_device(elementwise_gradients()); }

void OnDevice::open(const std::string &api) {
  std::string why_not;
  device_ = device_of(api, &why_not);
  if (!device_) GTEST_SKIP() << "no device " << api << ": " << why_not;
}

}  // namespace kiln::test
