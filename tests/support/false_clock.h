// A program that is linked with this has a clock_gettime() that tells what a test wants.
#pragma once

#include <cstdint>

namespace kiln::test {

// While one lives, each reading of a clock moves them all on by so much; else they move on by what passes.
class FalseClock {
 public:
  explicit FalseClock(int64_t step);  // ns
  ~FalseClock();
  FalseClock(const FalseClock &) = delete;
  FalseClock &operator=(const FalseClock &) = delete;
  void pass(int64_t ns);
};

}  // namespace kiln::test
