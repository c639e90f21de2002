// What kernels call of Halide's runtime and Kiln decides: errors, output and memory. The build gives every Halide
// symbol in the archive the prefix kiln_ (scripts/localize.py), here as there, so that no other Halide-made library in
// the program meets these. Halide's own definitions are weak and give way, as long as the linker takes this file from
// the archive: check_kernel() lives here because every operator calls it.
#include <stdio.h>
#include <stdlib.h>

#include "kernel.h"
#include "status.h"

namespace kiln {

kiln_status check_kernel(const Kernel &kernel, int result, kiln_status recorded) {
  if (recorded != KILN_STATUS_OK) return recorded;
  if (result == 0) return KILN_STATUS_OK;
  if (result == halide_error_code_out_of_memory)
    return fail(KILN_STATUS_OUT_OF_MEMORY, "%s: working memory could not be had", kernel.op);
  char text[400];
  snprintf(text, sizeof text, "%s", kiln_last_error());
  return fail(KILN_STATUS_INTERNAL, "%s: kernel %s/%s failed with Halide's code %d: %s", kernel.op, kernel.form_name,
              row(kernel.target).name, result, text);
}

}  // namespace kiln

extern "C" {

// The kernel returns its error code after this; check_kernel() joins both.
void halide_error(void *, const char *message) { kiln::set_error_text(message); }

void halide_print(void *, const char *) {}

// 128 bytes: the alignment that kernels assume of scratch memory.
void *halide_malloc(void *, size_t bytes) {
  void *memory = nullptr;
  return posix_memalign(&memory, 128, bytes) == 0 ? memory : nullptr;
}

void halide_free(void *, void *memory) { free(memory); }
}
