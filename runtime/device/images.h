// A kernel's code as drivers have loaded it: one image for each driver context that ran it. A kernel has one list,
// which begins at a word of its own (Halide's state pointer). Readers take no lock: images are put in front and never
// removed.
#pragma once

#include <pthread.h>
#include <stdint.h>

#include "device.h"

namespace kiln {

// An entry point of an image: a loop nest that Halide made a device kernel of.
struct EntryPoint {
  const char *name;
  void *function;    // CUfunction or cl_kernel
  int shared_bytes;  // the most that it was told it may use
};

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

// The image of a list for the call's context, or NULL.
Image *find_image(void *list, const DeviceCall &call);

// Loads one where the list has none: load() stores the module, or returns why not. Calls of two threads may meet.
kiln_status ensure_image(void **list, DeviceCall *call, const char *source, int bytes,
                         kiln_status (*load)(DeviceCall *call, const char *source, int bytes, void **module));

}  // namespace kiln
