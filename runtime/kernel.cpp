#include "kernel.h"

#include "status.h"

namespace kiln {

kiln_status choose_kernel(const KernelList &kernels, const kiln_context &context, Form form, const Kernel **kernel) {
  Target target;
  if (kiln_status s = choose_target(context, &target)) return s;
  const Kernel *exact = nullptr;
  for (const Kernel &k : kernels) {
    if (k.form != form || k.target != target) continue;
    if (k.accuracy == context.accuracy) {
      *kernel = &k;
      return KILN_STATUS_OK;
    }
    if (k.accuracy == KILN_ACCURACY_EXACT) exact = &k;
  }
  if (!exact)
    return fail(KILN_STATUS_INTERNAL, "%s: no kernel of form %d for %s is built in", kernels.first->op,
                static_cast<int>(form), row(target).name);
  *kernel = exact;
  return KILN_STATUS_OK;
}

}  // namespace kiln
