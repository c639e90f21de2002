// Memory between pages that nothing may touch: a kernel that leaves a tensor ends the process there, which sanitizers
// do not see inside of Halide's kernels.
#pragma once

#include <cstdint>
#include <vector>

namespace kiln::fuzz {

class GuardedMemory {
 public:
  explicit GuardedMemory(int64_t bytes);
  ~GuardedMemory();
  GuardedMemory(const GuardedMemory &) = delete;
  GuardedMemory &operator=(const GuardedMemory &) = delete;

  // `bytes` bytes that begin where the memory begins, or end where it ends; all of it holds a pattern then.
  char *place(int64_t bytes, bool at_end);
  // What all of it holds, and whether it holds that still but for `bytes` bytes from each of `written` on.
  void remember();
  bool unchanged_but_for(const std::vector<char *> &written, int64_t bytes) const;

 private:
  char *base_, *begin_;
  int64_t size_, mapped_;
  char *used_ = nullptr;  // with what lies within a page around it
  int64_t used_bytes_ = 0;
  std::vector<char> before_;
};

}  // namespace kiln::fuzz
