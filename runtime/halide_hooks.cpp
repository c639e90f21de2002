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

thread_local KernelMemory *kernel_memory = nullptr;

}  // namespace

KernelMemory::KernelMemory(char *memory, int64_t bytes) : begin_(memory), end_(memory + bytes), next_(aligned(memory)) {
  if (bytes > 0) kernel_memory = this;
}

KernelMemory::~KernelMemory() {
  if (end_ > begin_) kernel_memory = nullptr;
}

void *KernelMemory::take(size_t bytes) {
  if (next_ > end_ || bytes > static_cast<size_t>(end_ - next_)) return nullptr;
  void *const taken = next_;
  next_ = aligned(next_ + bytes);
  ++taken_;
  return taken;
}

bool KernelMemory::give_back(const void *memory) {
  if (memory < begin_ || memory >= end_) return false;
  if (--taken_ == 0) next_ = aligned(begin_);
  return true;
}

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
  void *memory = kiln::kernel_memory ? kiln::kernel_memory->take(bytes) : nullptr;
  if (memory) return memory;
  return posix_memalign(&memory, kiln::kAlignment, bytes) == 0 ? memory : nullptr;
}

void halide_free(void *, void *memory) {
  if (!kiln::kernel_memory || !kiln::kernel_memory->give_back(memory)) free(memory);
}
}
