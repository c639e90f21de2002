#include "fuzz/little_stack.h"

#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace kiln::fuzz {
namespace {

// What a call may need.
constexpr size_t kLittleStack = size_t{96} << 10;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

const std::function<void()> *to_run = nullptr;
void run_it() { (*to_run)(); }

// Made at the first call, and kept.
char *stack() {
  static char *const made = [] {
    const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    void *const all = mmap(nullptr, page + kLittleStack, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED || mprotect(static_cast<char *>(all) + page, kLittleStack, PROT_READ | PROT_WRITE) != 0) {
      std::perror("a little stack");
      std::abort();
    }
    return static_cast<char *>(all) + page;
  }();
  return made;
}

}  // namespace

void run_on_little_stack(const std::function<void()> &body) {
  if (kSanitized) return body();
  ucontext_t here, there;
  getcontext(&there);
  there.uc_stack.ss_sp = stack();
  there.uc_stack.ss_size = kLittleStack;
  there.uc_link = &here;
  to_run = &body;
  makecontext(&there, run_it, 0);
  swapcontext(&here, &there);
}

}  // namespace kiln::fuzz
