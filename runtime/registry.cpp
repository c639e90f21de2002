// Every kernel of every operator, for listing.
#include "kernel.h"
#include "status.h"

namespace kiln {

#define KILN_POINTWISE(name, accuracies, formula) extern const KernelList name##_kernels;
#define KILN_NORMALIZATION(name, forms, formula) extern const KernelList name##_kernels;
#include <kiln/operators.def>

namespace {
const KernelList *const lists[] = {
#define KILN_POINTWISE(name, accuracies, formula) &name##_kernels,
#define KILN_NORMALIZATION(name, forms, formula) &name##_kernels,
#include <kiln/operators.def>
};

const Kernel *kernel_at(int64_t index) {
  if (index < 0) return nullptr;
  for (const KernelList *list : lists) {
    const int64_t count = list->last - list->first;
    if (index < count) return list->first + index;
    index -= count;
  }
  return nullptr;
}
}  // namespace
}  // namespace kiln

kiln_status kiln_kernel_at(int64_t index, kiln_kernel_info *info) {
  using kiln::fail;
  if (!info) return fail(KILN_STATUS_INVALID_ARGUMENT, "info: expected where to store a kernel's description, got NULL");
  const kiln::Kernel *kernel = kiln::kernel_at(index);
  if (!kernel)
    return fail(KILN_STATUS_INVALID_ARGUMENT, "index: expected the number of a kernel that is built in, got %lld",
                static_cast<long long>(index));
  const kiln::TargetRow &target = kiln::row(kernel->target);
  *info = {kernel->op,
           kernel->direction,
           kernel->dtype,
           kiln::name_of(kernel->form),
           kernel->accuracy == KILN_ACCURACY_FAST ? "fast" : "exact",
           target.name,
           target.isa,
           target.runs_here()};
  return KILN_STATUS_OK;
}
