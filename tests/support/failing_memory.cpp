#include "support/failing_memory.h"

#include <dlfcn.h>

#include <atomic>
#include <cerrno>
#include <cstddef>

#include "support/nth_call.h"

namespace kiln::test {
namespace {

NthCall allocation;

// Whether this one fails, which errno says then.
bool fails() {
  if (!allocation.fails()) return false;
  errno = ENOMEM;
  return true;
}

}  // namespace

void start_failing_memory(int64_t n, bool alone) { allocation.start(n, alone); }
int64_t stop_failing_memory() { return allocation.stop(); }

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
