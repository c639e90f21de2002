#include "kernel.h"

#include "status.h"

namespace kiln {

const char *name_of(Form form) {
  switch (form) {
    case Form::dense: return "dense";
    case Form::strided: return "strided";
    case Form::rows: return "rows";
  }
  return "unknown";
}

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
    return fail(KILN_STATUS_INTERNAL, "%s: no %s kernel for %s is built in", kernels.first->op, name_of(form),
                row(target).name);
  *kernel = exact;
  return KILN_STATUS_OK;
}

}  // namespace kiln
