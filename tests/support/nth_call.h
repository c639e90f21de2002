// Which of the calls that are counted fail: of a function that a program puts its own in the place of.
#pragma once

#include <atomic>
#include <cstdint>

namespace kiln::test {
namespace {  // each program part its own copy: one that stands before a sanitizer may have none in it

class NthCall {
 public:
  // From now until stop(), call number `n` (from 1 on) fails, and, unless it is this one `alone`, so do all behind it.
  void start(int64_t n, bool alone) {
    asked_ = 0;
    first_to_fail_ = n;
    alone_ = alone;
    counting_ = true;
  }
  // The number of calls meanwhile.
  int64_t stop() {
    counting_ = false;
    return asked_;
  }
  // Counts a call: whether it fails.
  bool fails() {
    if (!counting_) return false;
    const int64_t n = ++asked_;
    return alone_ ? n == first_to_fail_ : n >= first_to_fail_;
  }

 private:
  std::atomic<bool> counting_{false}, alone_{false};
  std::atomic<int64_t> asked_{0}, first_to_fail_{0};
};

}  // namespace
}  // namespace kiln::test
