// Working memory of a call.
#pragma once

#include <stdlib.h>

#include "status.h"

namespace kiln {

// Values that are freed with the object; aligned to 64 bytes, so that vectors do not straddle cache lines.
template <class T>
class ScratchOf {
 public:
  ScratchOf() = default;
  ~ScratchOf() { free(data_); }
  ScratchOf(const ScratchOf &) = delete;
  ScratchOf &operator=(const ScratchOf &) = delete;

  kiln_status allocate(int64_t count) {
    void *memory = nullptr;
    if (count > INT64_MAX / static_cast<int64_t>(sizeof(T)) ||
        posix_memalign(&memory, 64, static_cast<size_t>(count) * sizeof(T)) != 0)
      return fail(KILN_STATUS_OUT_OF_MEMORY, "%lld bytes of working memory could not be had",
                  static_cast<long long>(count * static_cast<int64_t>(sizeof(T))));
    free(data_);
    data_ = static_cast<T *>(memory);
    return KILN_STATUS_OK;
  }
  T *data() const { return data_; }

 private:
  T *data_ = nullptr;
};
using Scratch = ScratchOf<float>;

}  // namespace kiln
