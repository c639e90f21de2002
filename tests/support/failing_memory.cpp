#include "support/failing_memory.h"

#include <dlfcn.h>

#include <atomic>
#include <cerrno>
#include <cstddef>

namespace kiln::test {
namespace {

std::atomic<bool> counting{false}, one_alone{false};
std::atomic<int64_t> asked{0}, first_to_fail{0};

// Whether this one fails, which errno says then.
bool fails() {
  if (!counting) return false;
  const int64_t n = ++asked;
  if (one_alone ? n != first_to_fail : n < first_to_fail) return false;
  errno = ENOMEM;
  return true;
}

}  // namespace

void start_failing_memory(int64_t n, bool alone) {
  asked = 0;
  one_alone = alone;
  first_to_fail = n;
  counting = true;
}

int64_t stop_failing_memory() {
  counting = false;
  return asked;
}

}  // namespace kiln::test

// Stands before the function of that name that the C library has, or a sanitizer. It is looked for at the first call,
// which may come before the program's variables are made. Not calloc and realloc: the loader calls them while it
// changes what dlsym() reads.
#define KILN_FAILING(failed, result, name, parameters, arguments)                 \
  extern "C" result name parameters {                                             \
    static std::atomic<result(*) parameters> next{nullptr};                       \
    auto *function = next.load(std::memory_order_relaxed);                        \
    if (!function) {                                                              \
      function = reinterpret_cast<result(*) parameters>(dlsym(RTLD_NEXT, #name)); \
      next.store(function, std::memory_order_relaxed);                            \
    }                                                                             \
    return kiln::test::fails() ? failed : function arguments;                     \
  }
KILN_FAILING(nullptr, void *, malloc, (size_t size), (size))
KILN_FAILING(nullptr, void *, aligned_alloc, (size_t alignment, size_t size), (alignment, size))
KILN_FAILING(nullptr, void *, memalign, (size_t alignment, size_t size), (alignment, size))
KILN_FAILING(ENOMEM, int, posix_memalign, (void **out, size_t alignment, size_t size), (out, alignment, size))
#undef KILN_FAILING
