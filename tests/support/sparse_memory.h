// Addresses of many gigabytes of which only the pages that are touched take memory. Around them lie addresses that
// nothing may touch.
#pragma once

#include <cstdint>
#include <vector>

#include "support/layout.h"

namespace kiln::test {

class SparseMemory {
 public:
  // For a tensor of this layout, filled with zeros; `bytes` are those of an element.
  explicit SparseMemory(const Layout &layout, int64_t bytes = sizeof(float));
  ~SparseMemory();
  SparseMemory(const SparseMemory &) = delete;
  SparseMemory &operator=(const SparseMemory &) = delete;

  // The system gave the addresses.
  explicit operator bool() const { return base_ != nullptr; }
  // The element at index 0, 0, ....
  char *origin() { return origin_; }
  // The same, of float32; set() and get() too.
  float *data() const { return reinterpret_cast<float *>(origin_); }
  void set(const std::vector<float> &values);
  std::vector<float> get() const;

 private:
  std::vector<int64_t> offsets_;
  char *base_ = nullptr, *origin_ = nullptr;
  int64_t bytes_ = 0;
};

}  // namespace kiln::test
