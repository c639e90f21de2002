// What the launches of all APIs share: what Halide hands over, and a kernel's code as drivers have loaded it.
#pragma once

#include <HalideRuntime.h>
#include <pthread.h>

#include "device.h"

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

// An entry point of an image: a loop nest that Halide made a device kernel of.
struct EntryPoint {
  const char *name;
  void *function;    // CUfunction or cl_kernel
  int shared_bytes;  // the most that it was told it may use
};

// One for each driver context that ran the kernel. A kernel has one list of them, which begins at a word of its own
// (Halide's state pointer). Readers take no lock: images are put in front and never removed.
struct Image {
  void *driver_context;
  uint64_t context_number;
  void *module;  // CUmodule or cl_program
  pthread_mutex_t mutex;
  EntryPoint entries[8];
  int entry_count;  // atomic
  Image *next;

  // NULL where it has not been looked up yet.
  EntryPoint *find(const char *name);
  // Under the mutex; NULL where there is no room.
  EntryPoint *add(const char *name, void *function);
};

// Loads one where the list has none: load() stores the module, or returns why not. Calls of two threads may meet.
kiln_status ensure_image(void **list, DeviceCall *call, const char *source, int bytes,
                         kiln_status (*load)(DeviceCall *call, const char *source, int bytes, void **module));

// Has launch() enqueue an entry point of the image that is loaded for the call's context; the kernel's result.
int run_kernel(void *call, void *list, const char *name, const Grid &grid, const Arguments &arguments,
               kiln_status (*launch)(DeviceCall *call, Image *image, const char *name, const Grid &grid,
                                     const Arguments &arguments));

// Not NULL, and nothing of it is ever called.
const halide_device_interface_t *device_interface();

}  // namespace kiln
