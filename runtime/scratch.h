// Working memory of a call.
#pragma once

#include <stdlib.h>

#include "status.h"

namespace kiln {

// Floats that are freed with the object; aligned to 64 bytes, so that vectors do not straddle cache lines.
class Scratch {
 public:
  Scratch() = default;
  ~Scratch() { free(data_); }
  Scratch(const Scratch &) = delete;
  Scratch &operator=(const Scratch &) = delete;

  kiln_status allocate(int64_t floats) {
    void *memory = nullptr;
    if (posix_memalign(&memory, 64, static_cast<size_t>(floats) * sizeof(float)) != 0)
      return fail(KILN_STATUS_OUT_OF_MEMORY, "%lld floats of working memory could not be had",
                  static_cast<long long>(floats));
    data_ = static_cast<float *>(memory);
    return KILN_STATUS_OK;
  }
  float *data() const { return data_; }

 private:
  float *data_ = nullptr;
};

}  // namespace kiln
