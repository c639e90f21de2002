#include "support/failing_threads.h"

#include <dlfcn.h>
#include <pthread.h>

#include <cerrno>

#include "support/nth_call.h"

namespace kiln::test {
namespace {

NthCall creation;

}  // namespace

void start_failing_threads(int64_t n, bool alone) { creation.start(n, alone); }
int64_t stop_failing_threads() { return creation.stop(); }

}  // namespace kiln::test

extern "C" int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                              void *argument) {
  if (kiln::test::creation.fails()) return EAGAIN;
  static const auto real = reinterpret_cast<decltype(&pthread_create)>(dlsym(RTLD_NEXT, "pthread_create"));
  return real(thread, attributes, start, argument);
}
