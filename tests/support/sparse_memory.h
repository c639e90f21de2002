// Addresses of many gigabytes of which only the pages that are touched take memory. Around them lie addresses that
// nothing may touch.
#pragma once

#include <cstdint>
#include <vector>

#include "support/layout.h"

namespace kiln::test {

class SparseMemory {
 public:
  // For a tensor of this layout, filled with zeros.
  explicit SparseMemory(const Layout &layout);
  ~SparseMemory();
  SparseMemory(const SparseMemory &) = delete;
  SparseMemory &operator=(const SparseMemory &) = delete;

  // The system gave the addresses.
  explicit operator bool() const { return base_ != nullptr; }
  // The element at index 0, 0, ....
  float *data() { return data_; }
  void set(const std::vector<float> &values);
  std::vector<float> get() const;

 private:
  std::vector<int64_t> offsets_;
  char *base_ = nullptr;
  float *data_ = nullptr;
  int64_t bytes_ = 0;
};

}  // namespace kiln::test
