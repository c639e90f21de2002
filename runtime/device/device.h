// One call on a device: which one, by what queue, and what went wrong. cuda.cpp and opencl.cpp carry out what the table
// of functions names.
#pragma once

#include "../context.h"
#include "memory.h"

namespace kiln {

struct DeviceCall;
struct DeviceCode;
struct Image;
struct Tensor;

struct DeviceApi {
  const char *name;  // as in devices.def
  // Reaches the device and makes its context current; end() gives the thread its own one back.
  kiln_status (*begin)(DeviceCall *call, int32_t device_id);
  void (*end)(DeviceCall *call);
  // Whether the tensor's memory is the device's.
  kiln_status (*check)(DeviceCall *call, const char *name, const Tensor &tensor);
  // Working memory, see scratch_cache.h.
  kiln_status (*allocate)(DeviceCall *call, int64_t bytes, DeviceMemory *memory);
  void (*release)(void *driver_context, const DeviceMemory &memory);
  // Copies from the host, before anything that is enqueued later.
  kiln_status (*upload)(DeviceCall *call, const void *from, const DeviceMemory &to);
  // Loads a kernel's code for the call's driver context, see launch.h.
  kiln_status (*load_image)(DeviceCall *call, DeviceCode *code, Image **image);
  // Whether a device could be used here, for listing; opens the driver.
  bool (*present)();
};

extern const DeviceApi kCudaApi, kOpenclApi;

// A type of device in tensors, and what computes on its memory.
struct DeviceRow {
  int type;
  DLDeviceType computes;
  const char *name;      // "cpu", "cuda", "opencl", for messages
  Target target;         // the kernels' row of devices.def
  const DeviceApi *api;  // NULL for the CPU
};
// NULL for a type that is not supported.
const DeviceRow *find_device(int type);
// Their names, for messages.
const char *device_types();
const char *device_name(DLDeviceType type);

// What a kernel on a device gets as user_context. Kernels return before they have run; what the driver refuses is
// recorded here, with its words in kiln_last_error().
struct DeviceCall {
  const DeviceApi *api = nullptr;
  Target target = Target::count;  // the kernels' row of devices.def
  const kiln_context *context = nullptr;
  void *driver = nullptr;          // the Api of cuda_api.h or opencl_api.h
  void *driver_context = nullptr;  // CUcontext or cl_context
  uint64_t context_number = 0;     // sets apart contexts that had one address
  void *queue = nullptr;           // CUstream or cl_command_queue
  void *device = nullptr;          // OpenCL: the cl_device_id
  int64_t alignment = 1;           // of a buffer's offset, in bytes; 1 where any will do
  bool pushed = false;             // the context was made current by this call
  Image *image = nullptr;          // of the kernel that is being called
  bool loading = false;            // the image is to be loaded, and nothing is launched
  kiln_status status = KILN_STATUS_OK;

  DeviceCall() = default;
  ~DeviceCall() {
    if (api) api->end(this);
  }
  DeviceCall(const DeviceCall &) = delete;
  DeviceCall &operator=(const DeviceCall &) = delete;

  kiln_status begin(const kiln_context &context, DLDevice device);
  kiln_status record(kiln_status s) {
    if (status == KILN_STATUS_OK) status = s;
    return s;
  }
};

}  // namespace kiln
