#include "support/small_stack.h"

#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace kiln::test {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

thread_local const std::function<void()> *to_run = nullptr;
void run_it() { (*to_run)(); }

}  // namespace

SmallStack::SmallStack() : page_(static_cast<size_t>(sysconf(_SC_PAGESIZE))) {
  void *const all = mmap(nullptr, kBytes + 2 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memory_ = static_cast<char *>(all) + page_;
  if (all == MAP_FAILED || mprotect(memory_, kBytes, PROT_READ | PROT_WRITE) != 0) {
    std::perror("memory for a small stack");
    std::abort();
  }
  std::fill(memory_, memory_ + kBytes, kUntouched);
}

SmallStack::~SmallStack() { munmap(memory_ - page_, kBytes + 2 * page_); }

void SmallStack::run(const std::function<void()> &body) {
  if (kSanitized) return body();
  ucontext_t here, there;
  getcontext(&there);
  there.uc_stack.ss_sp = memory_;
  there.uc_stack.ss_size = kBytes;
  there.uc_link = &here;
  to_run = &body;
  makecontext(&there, run_it, 0);
  swapcontext(&here, &there);
}

size_t SmallStack::used() const {
  const char *const end = memory_ + kBytes;
  return static_cast<size_t>(end - std::find_if(memory_, memory_ + kBytes, [](char c) { return c != kUntouched; }));
}

}  // namespace kiln::test
