#include "kernel.h"

#include "status.h"

namespace kiln {

const Kernel *find_kernel(const KernelList &kernels, Target target, kiln_accuracy accuracy, Form form, int64_t extent) {
  const Kernel *exact = nullptr;
  for (const Kernel &k : kernels) {
    if (k.form != form || k.target != target || extent > k.up_to) continue;
    if (k.accuracy == accuracy) return &k;
    if (!exact && k.accuracy == KILN_ACCURACY_EXACT) exact = &k;
  }
  return exact;
}

kiln_status choose_kernel(const KernelList &kernels, const kiln_context &context, Form form, int64_t extent,
                          const Kernel **kernel) {
  Target target;
  if (kiln_status s = choose_target(context, &target)) return s;
  *kernel = find_kernel(kernels, target, context.accuracy, form, extent);
  if (*kernel) return KILN_STATUS_OK;
  return fail(KILN_STATUS_INTERNAL, "%s: no kernel of form %d for %s is built in", kernels.first->op,
              static_cast<int>(form), row(target).name);
}

}  // namespace kiln
