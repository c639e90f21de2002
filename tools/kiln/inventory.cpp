#include "inventory.h"

#include <algorithm>

namespace kiln::tool {

std::vector<kiln_kernel_info> kernels() {
  std::vector<kiln_kernel_info> all;
  kiln_kernel_info info{};
  for (int64_t i = 0; kiln_kernel_at(i, &info) == KILN_STATUS_OK; i++) all.push_back(info);
  return all;
}

std::vector<Target> targets(const std::vector<kiln_kernel_info> &kernels) {
  std::vector<Target> all;
  for (const kiln_kernel_info &kernel : kernels) {
    const auto same = [&](const Target &target) { return target.name == kernel.target; };
    if (std::none_of(all.begin(), all.end(), same))
      all.push_back({kernel.target, kernel.isa, kernel.device, kernel.runs_here != 0});
  }
  return all;
}

std::vector<Target> cpu_targets(const std::vector<kiln_kernel_info> &kernels) {
  std::vector<Target> all;
  for (const Target &target : targets(kernels))
    if (target.device == "cpu") all.push_back(target);
  return all;
}

std::vector<std::string> device_names() {
  std::vector<std::string> names = other_devices();
  names.insert(names.begin(), "cpu");
  return names;
}

std::vector<std::string> other_devices() {
  return {
#define KILN_DEVICE(name, device, dlpack, halide) #device,
#include "../../devices.def"
  };
}

std::vector<std::string> distinct(const std::vector<kiln_kernel_info> &kernels, const std::string &op,
                                  const char *kiln_kernel_info::*field) {
  std::vector<std::string> values;
  for (const kiln_kernel_info &kernel : kernels)
    if (op == kernel.op && std::find(values.begin(), values.end(), kernel.*field) == values.end())
      values.emplace_back(kernel.*field);
  return values;
}

}  // namespace kiln::tool
