// Memory that a kernel on the CPU takes for itself while it runs.
#pragma once

#include "buffer.h"

namespace kiln {

// Serves this thread's kernels from memory that the plan has allocated, for the life of the object: a kernel that is
// one of several then cannot fail for want of memory when others have written. What does not fit comes from the heap.
class Workspace {
 public:
  Workspace(const Array &memory, int64_t bytes);
  ~Workspace();
  Workspace(const Workspace &) = delete;
  Workspace &operator=(const Workspace &) = delete;

  // NULL where it does not fit.
  void *take(size_t bytes);
  bool owns(const void *memory) const;

 private:
  char *const begin_, *const end_;
  char *next_;
};

}  // namespace kiln
