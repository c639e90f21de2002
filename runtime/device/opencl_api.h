// What is used of OpenCL 1.2, declared here so that no headers are needed: types, numbers, entry points.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "driver_library.h"

namespace kiln::opencl {

using Result = int32_t;  // cl_int
using Platform = struct OpaquePlatform *;
using Device = struct OpaqueDevice *;
using Context = struct OpaqueContext *;
using Queue = struct OpaqueQueue *;
using Memory = struct OpaqueMemory *;
using Program = struct OpaqueProgram *;
using Kernel = struct OpaqueKernel *;
using Event = struct OpaqueEvent *;
using Flags = uint64_t;

constexpr Result kSuccess = 0, kOutOfMemory = -4, kPlatformNotFound = -1001;
constexpr Flags kDeviceTypeCpu = 1 << 1, kDeviceTypeAll = 0xffffffff;
constexpr unsigned kDeviceType = 0x1000, kDeviceName = 0x102b, kDeviceVersion = 0x102f;
constexpr unsigned kDeviceSingleConfig = 0x101b, kDeviceAddressAlign = 0x1019, kDeviceGlobalBytes = 0x101f;
constexpr Flags kDenormals = 1 << 0, kRoundedDivision = 1 << 7;  // of CL_DEVICE_SINGLE_FP_CONFIG
constexpr unsigned kQueueContext = 0x1090, kQueueDevice = 0x1091, kQueueProperties = 0x1093;
constexpr Flags kOutOfOrder = 1 << 0;
constexpr unsigned kContextDevices = 0x1081;
constexpr unsigned kMemoryBytes = 0x1102, kMemoryContext = 0x1106;
constexpr Flags kReadWrite = 1 << 0;
constexpr unsigned kRegion = 0x1220;  // CL_BUFFER_CREATE_TYPE_REGION
constexpr unsigned kBuildLog = 0x1183;
struct Region {
  size_t origin, bytes;
};

// KILN_OPENCL_ENTRY(name, symbol, result, parameters)
#define KILN_OPENCL_ENTRIES                                                                                            \
  KILN_OPENCL_ENTRY(platforms, clGetPlatformIDs, Result, (uint32_t, Platform *, uint32_t *))                           \
  KILN_OPENCL_ENTRY(devices, clGetDeviceIDs, Result, (Platform, Flags, uint32_t, Device *, uint32_t *))                \
  KILN_OPENCL_ENTRY(device_info, clGetDeviceInfo, Result, (Device, uint32_t, size_t, void *, size_t *))                \
  KILN_OPENCL_ENTRY(context_create, clCreateContext, Context,                                                          \
                    (const intptr_t *, uint32_t, const Device *, void (*)(const char *, const void *, size_t, void *), \
                     void *, Result *))                                                                                \
  KILN_OPENCL_ENTRY(context_release, clReleaseContext, Result, (Context))                                              \
  KILN_OPENCL_ENTRY(context_info, clGetContextInfo, Result, (Context, uint32_t, size_t, void *, size_t *))             \
  KILN_OPENCL_ENTRY(queue_create, clCreateCommandQueue, Queue, (Context, Device, Flags, Result *))                     \
  KILN_OPENCL_ENTRY(queue_release, clReleaseCommandQueue, Result, (Queue))                                             \
  KILN_OPENCL_ENTRY(queue_info, clGetCommandQueueInfo, Result, (Queue, uint32_t, size_t, void *, size_t *))            \
  KILN_OPENCL_ENTRY(finish, clFinish, Result, (Queue))                                                                 \
  KILN_OPENCL_ENTRY(memory_create, clCreateBuffer, Memory, (Context, Flags, size_t, void *, Result *))                 \
  KILN_OPENCL_ENTRY(memory_part, clCreateSubBuffer, Memory, (Memory, Flags, uint32_t, const void *, Result *))         \
  KILN_OPENCL_ENTRY(memory_release, clReleaseMemObject, Result, (Memory))                                              \
  KILN_OPENCL_ENTRY(memory_info, clGetMemObjectInfo, Result, (Memory, uint32_t, size_t, void *, size_t *))             \
  KILN_OPENCL_ENTRY(program_create, clCreateProgramWithSource, Program,                                                \
                    (Context, uint32_t, const char **, const size_t *, Result *))                                      \
  KILN_OPENCL_ENTRY(program_build, clBuildProgram, Result,                                                             \
                    (Program, uint32_t, const Device *, const char *, void (*)(Program, void *), void *))              \
  KILN_OPENCL_ENTRY(program_release, clReleaseProgram, Result, (Program))                                              \
  KILN_OPENCL_ENTRY(build_info, clGetProgramBuildInfo, Result, (Program, Device, uint32_t, size_t, void *, size_t *))  \
  KILN_OPENCL_ENTRY(kernel_create, clCreateKernel, Kernel, (Program, const char *, Result *))                          \
  KILN_OPENCL_ENTRY(kernel_release, clReleaseKernel, Result, (Kernel))                                                 \
  KILN_OPENCL_ENTRY(kernel_argument, clSetKernelArg, Result, (Kernel, uint32_t, size_t, const void *))                 \
  KILN_OPENCL_ENTRY(                                                                                                   \
      launch, clEnqueueNDRangeKernel, Result,                                                                          \
      (Queue, Kernel, uint32_t, const size_t *, const size_t *, const size_t *, uint32_t, const Event *, Event *))     \
  KILN_OPENCL_ENTRY(copy, clEnqueueCopyBuffer, Result,                                                                 \
                    (Queue, Memory, Memory, size_t, size_t, size_t, uint32_t, const Event *, Event *))                 \
  KILN_OPENCL_ENTRY(read, clEnqueueReadBuffer, Result,                                                                 \
                    (Queue, Memory, uint32_t, size_t, size_t, void *, uint32_t, const Event *, Event *))               \
  KILN_OPENCL_ENTRY(write, clEnqueueWriteBuffer, Result,                                                               \
                    (Queue, Memory, uint32_t, size_t, size_t, const void *, uint32_t, const Event *, Event *))

struct Api {
#define KILN_OPENCL_ENTRY(name, symbol, result, parameters) result(*name) parameters;
  KILN_OPENCL_ENTRIES
#undef KILN_OPENCL_ENTRY
};

// Opens libOpenCL.so.1, or the library that KILN_OPENCL_DRIVER names.
inline void *open(Api *api, char *error, size_t error_size) {
  const char *const entries[] = {
#define KILN_OPENCL_ENTRY(name, symbol, result, parameters) #symbol,
      KILN_OPENCL_ENTRIES
#undef KILN_OPENCL_ENTRY
  };
  return open_driver("KILN_OPENCL_DRIVER", "libOpenCL.so.1", entries, api, error, error_size);
}

}  // namespace kiln::opencl
