// What the launches of all APIs take from Halide.
#pragma once

#include <HalideRuntime.h>

#include "memory.h"

namespace kiln {

struct Grid {
  int blocks[3];
  int threads[3];
  int shared_bytes;
};

// A kernel's arguments as Halide hands them over, ended by a size of 0.
struct Arguments {
  const size_t *sizes;
  void *const *values;
  const int8_t *is_buffer;

  const DeviceMemory &memory(int i) const {
    return *reinterpret_cast<const DeviceMemory *>(static_cast<const halide_buffer_t *>(values[i])->device);
  }
};

// Not NULL, and nothing of it is ever called.
const halide_device_interface_t *device_interface();

}  // namespace kiln
