// Stacks as threads of small systems and coroutines have them.
#pragma once

#include <cstddef>
#include <functional>

namespace kiln::test {

// A stack of kBytes between pages that nothing may touch.
class SmallStack {
 public:
  static constexpr size_t kBytes = 16384;

  SmallStack();
  ~SmallStack();
  SmallStack(const SmallStack &) = delete;
  SmallStack &operator=(const SmallStack &) = delete;

  // Runs `body` on it; under a sanitizer, whose code takes more, on the caller's stack.
  void run(const std::function<void()> &body);
  // Bytes of it that run() has touched.
  size_t used() const;

 private:
  static constexpr char kUntouched = 0x5a;
  size_t page_;
  char *memory_;
};

}  // namespace kiln::test
