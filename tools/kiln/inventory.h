// What is built in, as kiln_kernel_at tells it.
#ifndef KILN_TOOLS_INVENTORY_H
#define KILN_TOOLS_INVENTORY_H

#include <kiln/kiln.h>

#include <string>
#include <vector>

namespace kiln::tool {

std::vector<kiln_kernel_info> kernels();

struct Target {
  std::string name, isa, device;
  bool runs_here;
};
// Each target that has a kernel, in the kernels' order.
std::vector<Target> targets(const std::vector<kiln_kernel_info> &kernels);
// Those of the CPU.
std::vector<Target> cpu_targets(const std::vector<kiln_kernel_info> &kernels);

// The devices that kernels are built for, and the same after "cpu".
std::vector<std::string> other_devices();
std::vector<std::string> device_names();

// The different values of one field over the kernels of `op`, in order: distinct(all, "tanh",
// &kiln_kernel_info::dtype).
std::vector<std::string> distinct(const std::vector<kiln_kernel_info> &kernels, const std::string &op,
                                  const char *kiln_kernel_info::*field);

}  // namespace kiln::tool
#endif
