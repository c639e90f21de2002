// What the launches of all APIs share: what Halide hands over, and a kernel's code as drivers have loaded it.
#pragma once

#include <HalideRuntime.h>
#include <pthread.h>

#include "../kernel.h"
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
  const char *name;  // atomic: as far as `length`, in the code; once it has been launched, as Halide names it
  size_t length;
  void *function;    // CUfunction or cl_kernel
  int shared_bytes;  // the most that it was told it may use
};

// One for each driver context that a kernel's code is loaded in. Readers take no lock: images are put in front of their
// DeviceCode's list and never removed.
struct Image {
  void *driver_context;
  uint64_t context_number;
  void *module;  // CUmodule or cl_program
  pthread_mutex_t mutex;
  EntryPoint entries[8];
  int entry_count;
  Image *next;

  // NULL where it has none of that name.
  EntryPoint *find(const char *name);
};

// The image for the call's context, or NULL.
inline Image *find_image(const DeviceCode &code, const DeviceCall &call) {
  for (Image *image = __atomic_load_n(&code.images, __ATOMIC_ACQUIRE); image; image = image->next)
    if (image->driver_context == call.driver_context && image->context_number == call.context_number) return image;
  return nullptr;
}

// How an API loads code: into a module, whose entry points are looked up one by one, and which is given back where one
// of them is not to be had.
struct Loader {
  const char *before_name;  // what an entry point's name follows in the code
  kiln_status (*load)(DeviceCall *call, const char *source, int bytes, void **module);
  kiln_status (*look_up)(DeviceCall *call, void *module, const char *name, void **function);
  void (*unload)(DeviceCall *call, const Image &image);
};

// DeviceApi's: gives the image, which is loaded unless another thread has done it meanwhile. Images are whole: what a
// driver refuses of one, it refuses here.
kiln_status load_image(DeviceCall *call, DeviceCode *code, Image **image);

// What a kernel's host part does first: its code comes here, which is loaded if that is what it was called for. The
// host part's result, which ends it if it checks its arguments.
int take_code(void *call, const char *source, int bytes, const Loader &loader);

// Has launch() enqueue an entry point of the image of the kernel that is being called; the kernel's result.
int run_kernel(void *call, const char *name, const Grid &grid, const Arguments &arguments,
               kiln_status (*launch)(DeviceCall *call, Image *image, EntryPoint *entry, const Grid &grid,
                                     const Arguments &arguments));

// Not NULL, and nothing of it is ever called.
const halide_device_interface_t *device_interface();

}  // namespace kiln
