#include "kernel.h"

#include "status.h"

namespace kiln {

const Kernel *find_kernel(const KernelList &kernels, Target target, kiln_accuracy accuracy, Form form) {
  const Kernel *exact = nullptr;
  for (const Kernel &k : kernels) {
    if (k.form != form || k.target != target) continue;
    if (k.accuracy == accuracy) return &k;
    if (k.accuracy == KILN_ACCURACY_EXACT) exact = &k;
  }
  return exact;
}

kiln_status choose_kernel(const KernelList &kernels, const kiln_context &context, Form form, const Kernel **kernel) {
  Target target;
  if (kiln_status s = choose_target(context, &target)) return s;
  *kernel = find_kernel(kernels, target, context.accuracy, form);
  if (*kernel) return KILN_STATUS_OK;
  return fail(KILN_STATUS_INTERNAL, "%s: no kernel of form %d for %s is built in", kernels.first->op,
              static_cast<int>(form), row(target).name);
}

}  // namespace kiln
