#include "support/false_clock.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

namespace kiln::test {
namespace {

constexpr int64_t kSecond = 1'000'000'000;  // ns
std::atomic<bool> is_false{false};
std::atomic<int64_t> step_of_clock{0}, time_of_clock{0};

int real_time(clockid_t clock, timespec *now) { return static_cast<int>(syscall(SYS_clock_gettime, clock, now)); }

}  // namespace

// Later than all that any clock has told before.
FalseClock::FalseClock(int64_t step) {
  timespec now;
  real_time(CLOCK_MONOTONIC, &now);
  time_of_clock = std::max<int64_t>(time_of_clock, now.tv_sec * kSecond + now.tv_nsec) + kSecond;
  step_of_clock = step;
  is_false = true;
}
FalseClock::~FalseClock() { is_false = false; }
void FalseClock::pass(int64_t ns) { time_of_clock += ns; }

}  // namespace kiln::test

extern "C" int clock_gettime(clockid_t clock, timespec *now) noexcept {
  using namespace kiln::test;
  if (!is_false) return real_time(clock, now);
  const int64_t time = time_of_clock += step_of_clock;
  now->tv_sec = time / kSecond;
  now->tv_nsec = time % kSecond;
  return 0;
}
