#include "kernel.h"

namespace kiln {

const char *name_of(Direction) { return "forward"; }

const char *name_of(Element element) { return element == Element::float64 ? "float64" : "float32"; }

const Kernel *find_kernel(const KernelList &kernels, const KernelKey &key) {
  const Kernel *exact = nullptr;
  for (const Kernel &k : kernels) {
    if (k.form != key.form || k.target != key.target || key.extent > k.up_to || k.element != key.element ||
        k.direction != key.direction)
      continue;
    if (k.accuracy == key.accuracy) return &k;
    if (!exact && k.accuracy == KILN_ACCURACY_EXACT) exact = &k;
  }
  return exact;
}

}  // namespace kiln
