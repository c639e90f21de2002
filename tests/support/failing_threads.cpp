#include "support/failing_threads.h"

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>

namespace kiln::test {
namespace {

std::atomic<bool> counting{false}, one_alone{false};
std::atomic<int64_t> asked{0}, first_to_fail{0};

bool fails() {
  if (!counting) return false;
  const int64_t n = ++asked;
  return one_alone ? n == first_to_fail : n >= first_to_fail;
}

}  // namespace

void start_failing_threads(int64_t n, bool alone) {
  asked = 0;
  first_to_fail = n;
  one_alone = alone;
  counting = true;
}

int64_t stop_failing_threads() {
  counting = false;
  return asked;
}

}  // namespace kiln::test

extern "C" int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                              void *argument) {
  if (kiln::test::fails()) return EAGAIN;
  static const auto real = reinterpret_cast<decltype(&pthread_create)>(dlsym(RTLD_NEXT, "pthread_create"));
  return real(thread, attributes, start, argument);
}
