// One call on a device: which one, by what queue, and what went wrong. cuda.cpp and opencl.cpp carry out what the table
// of functions names.
#pragma once

#include "../kernel.h"
#include "../tensor.h"
#include "memory.h"

namespace kiln {

struct DeviceCall;

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
  // Whether a device could be used here, for listing; opens the driver.
  bool (*present)();
};

extern const DeviceApi kCudaApi, kOpenclApi;

// NULL for the CPU.
const DeviceApi *find_device_api(DLDeviceType type);
// "cuda", "opencl", "cpu", for messages.
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

// The kernel for the call's device; KILN_STATUS_UNSUPPORTED where none is built in.
kiln_status choose_device_kernel(const KernelList &kernels, const DeviceCall &call, Form form, const Kernel **kernel);

// An address on the device as a base that a kernel's buffer may have, and how many elements lie between.
struct Placed {
  float *base;
  int32_t rest;
};
inline Placed place(const DeviceCall &call, float *data) {
  const intptr_t address = reinterpret_cast<intptr_t>(data), base = address - address % call.alignment;
  return {reinterpret_cast<float *>(base),
          static_cast<int32_t>((address - base) / static_cast<int64_t>(sizeof(float)))};
}

}  // namespace kiln
