#include "support/failing_memory.h"

#include <atomic>
#include <cerrno>
#include <cstddef>

// glibc's own, under the names by which it offers them to whoever replaces the others.
extern "C" {
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
}

namespace kiln::test {
namespace {

std::atomic<bool> counting{false};
std::atomic<int64_t> asked{0}, first_to_fail{0};

bool fails() { return counting && ++asked >= first_to_fail; }

}  // namespace

void start_failing_memory(int64_t n) {
  asked = 0;
  first_to_fail = n;
  counting = true;
}

int64_t stop_failing_memory() {
  counting = false;
  return asked;
}

}  // namespace kiln::test

extern "C" {

void *malloc(size_t size) {
  if (!kiln::test::fails()) return __libc_malloc(size);
  errno = ENOMEM;
  return nullptr;
}
void *calloc(size_t count, size_t size) {
  if (!kiln::test::fails()) return __libc_calloc(count, size);
  errno = ENOMEM;
  return nullptr;
}
void *realloc(void *old, size_t size) {
  if (!kiln::test::fails()) return __libc_realloc(old, size);
  errno = ENOMEM;
  return nullptr;
}
void *aligned_alloc(size_t alignment, size_t size) {
  if (!kiln::test::fails()) return __libc_memalign(alignment, size);
  errno = ENOMEM;
  return nullptr;
}
void *memalign(size_t alignment, size_t size) { return aligned_alloc(alignment, size); }
int posix_memalign(void **out, size_t alignment, size_t size) {
  void *const memory = aligned_alloc(alignment, size);
  if (!memory) return ENOMEM;
  *out = memory;
  return 0;
}

}  // extern "C"
