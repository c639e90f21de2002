// Every kernel of every operator, for listing.
#include <inttypes.h>

#include "kernel.h"
#include "status.h"

namespace kiln {

#define KILN_KERNELS(op, kernels) extern const KernelList kernels##_kernels;
#define KILN_LINKED_KERNELS(op, kernels) \
  extern const KernelList kernels##_kernels __attribute__((weak, visibility("hidden")));
#include <kernel_lists.inc>

namespace {

// An operator has one list of kernels for each stage and element type, NULL where it is not linked.
struct Entry {
  const char *op;
  const KernelList *kernels;
};
const Entry entries[] = {
#define KILN_KERNELS(op, kernels) {#op, &kernels##_kernels},
#define KILN_LINKED_KERNELS KILN_KERNELS
#include <kernel_lists.inc>
};

const char *name_of(Direction direction) { return direction == Direction::backward ? "backward" : "forward"; }

const Kernel *kernel_at(int64_t index, const char **op) {
  if (index < 0) return nullptr;
  for (const Entry &entry : entries) {
    if (!entry.kernels) continue;
    const int64_t count = entry.kernels->last - entry.kernels->first;
    *op = entry.op;
    if (index < count) return entry.kernels->first + index;
    index -= count;
  }
  return nullptr;
}

}  // namespace
}  // namespace kiln

kiln_status kiln_kernel_at(int64_t index, kiln_kernel_info *info) {
  using kiln::invalid;
  if (!info) return invalid("info: expected where to store a kernel's description, got NULL");
  const char *op = nullptr;
  const kiln::Kernel *kernel = kiln::kernel_at(index, &op);
  if (!kernel) return invalid("index: expected the number of a kernel that is built in, got %" PRId64, index);
  const kiln::TargetRow &target = kiln::row(kernel->target);
  *info = {op,
           kiln::name_of(kernel->direction),
           kiln::row(kernel->element).name,
           kernel->form_name,
           kernel->accuracy == KILN_ACCURACY_FAST ? "fast" : "exact",
           target.name,
           target.isa,
           target.runs_here(),
           target.device};
  return KILN_STATUS_OK;
}
