// The memory of kernels, and what comes of their results. The build gives every symbol in the archive that is Halide's
// the prefix kiln_ and hides it (scripts/seal_archive.py), so that no other Halide-made library in the program meets
// these. Halide's own runtime is not in the archive: halide_errors.cpp has the rest of what kernels call.
#include <stdio.h>
#include <stdlib.h>

#include "stages.h"
#include "status.h"

namespace kiln {
namespace {

// 128 bytes: the alignment that kernels assume of their memory.
constexpr uintptr_t kAlignment = 128;
char *aligned(char *p) {
  return reinterpret_cast<char *>((reinterpret_cast<uintptr_t>(p) + kAlignment - 1) & ~(kAlignment - 1));
}

thread_local Workspace *workspace = nullptr;

}  // namespace

Workspace::Workspace(const Array &memory, int64_t bytes)
    : begin_(memory.pointer()), end_(begin_ + bytes), next_(aligned(begin_)) {
  workspace = this;
}

Workspace::~Workspace() { workspace = nullptr; }

void *Workspace::take(size_t bytes) {
  if (next_ > end_ || bytes > static_cast<size_t>(end_ - next_)) return nullptr;
  void *const taken = next_;
  next_ = aligned(next_ + bytes);
  return taken;
}

bool Workspace::owns(const void *memory) const { return memory >= begin_ && memory < end_; }

kiln_status say_failure(const Kernel &kernel, int result, kiln_status recorded) {
  if (recorded != KILN_STATUS_OK) return recorded;
  if (result == halide_error_code_out_of_memory)
    return fail(KILN_STATUS_OUT_OF_MEMORY, "%s: working memory could not be had", kernel.op);
  char text[400];
  snprintf(text, sizeof text, "%s", kiln_last_error());
  return fail(KILN_STATUS_INTERNAL, "%s: kernel %s/%s failed with Halide's code %d: %s", kernel.op, kernel.form_name,
              row(kernel.target).name, result, text);
}

}  // namespace kiln

extern "C" {

void *halide_malloc(void *, size_t bytes) {
  void *memory = kiln::workspace ? kiln::workspace->take(bytes) : nullptr;
  if (memory) return memory;
  return posix_memalign(&memory, kiln::kAlignment, bytes) == 0 ? memory : nullptr;
}

void halide_free(void *, void *memory) {
  if (!kiln::workspace || !kiln::workspace->owns(memory)) free(memory);
}
}
