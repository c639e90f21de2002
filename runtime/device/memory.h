// Where the memory of a kernel's buffer lies on a device.
#pragma once

#include <stdint.h>

namespace kiln {

// halide_buffer_t::device points to one of these while a kernel is called on a device.
struct DeviceMemory {
  void *object;    // OpenCL: the cl_mem; CUDA, whose addresses say it all: NULL
  int64_t offset;  // in bytes, of the buffer's first element; CUDA: its address
  int64_t bytes;   // from there to the end of the last element
  bool written;
};

}  // namespace kiln
