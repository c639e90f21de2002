// What is used of NVIDIA's driver API, declared here so that no toolkit is needed: types, numbers, entry points.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "driver_library.h"

namespace kiln::cuda {

using Result = int;  // CUresult
using Device = int;
using Context = struct OpaqueContext *;
using Module = struct OpaqueModule *;
using Function = struct OpaqueFunction *;
using Stream = struct OpaqueStream *;
using Address = unsigned long long;  // CUdeviceptr

constexpr Result kSuccess = 0, kOutOfMemory = 2;
constexpr int kPointerMemoryType = 2;                        // CU_POINTER_ATTRIBUTE_MEMORY_TYPE
constexpr unsigned kMemoryTypeHost = 1;                      // CU_MEMORYTYPE_HOST
constexpr int kMaxDynamicSharedBytes = 8;                    // CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
constexpr int kErrorLogBuffer = 5, kErrorLogBytes = 6;       // CU_JIT_ERROR_LOG_*
constexpr int kCapabilityMajor = 75, kCapabilityMinor = 76;  // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_*
constexpr int kSharedBytesWithoutAsking = 48 * 1024;

// KILN_CUDA_ENTRY(name, symbol, parameters)
#define KILN_CUDA_ENTRIES                                                                                  \
  KILN_CUDA_ENTRY(init, cuInit, (unsigned flags))                                                          \
  KILN_CUDA_ENTRY(driver_version, cuDriverGetVersion, (int *))                                             \
  KILN_CUDA_ENTRY(error_name, cuGetErrorName, (Result, const char **))                                     \
  KILN_CUDA_ENTRY(error_text, cuGetErrorString, (Result, const char **))                                   \
  KILN_CUDA_ENTRY(device_count, cuDeviceGetCount, (int *))                                                 \
  KILN_CUDA_ENTRY(device_get, cuDeviceGet, (Device *, int ordinal))                                        \
  KILN_CUDA_ENTRY(device_name, cuDeviceGetName, (char *, int bytes, Device))                               \
  KILN_CUDA_ENTRY(device_attribute, cuDeviceGetAttribute, (int *, int attribute, Device))                  \
  KILN_CUDA_ENTRY(device_memory, cuDeviceTotalMem_v2, (size_t *, Device))                                  \
  KILN_CUDA_ENTRY(primary_retain, cuDevicePrimaryCtxRetain, (Context *, Device))                           \
  KILN_CUDA_ENTRY(current, cuCtxGetCurrent, (Context *))                                                   \
  KILN_CUDA_ENTRY(push, cuCtxPushCurrent_v2, (Context))                                                    \
  KILN_CUDA_ENTRY(pop, cuCtxPopCurrent_v2, (Context *))                                                    \
  KILN_CUDA_ENTRY(current_device, cuCtxGetDevice, (Device *))                                              \
  KILN_CUDA_ENTRY(module_load, cuModuleLoadDataEx,                                                         \
                  (Module *, const void *image, unsigned count, int *options, void **values))              \
  KILN_CUDA_ENTRY(module_unload, cuModuleUnload, (Module))                                                 \
  KILN_CUDA_ENTRY(module_function, cuModuleGetFunction, (Function *, Module, const char *))                \
  KILN_CUDA_ENTRY(function_set, cuFuncSetAttribute, (Function, int attribute, int value))                  \
  KILN_CUDA_ENTRY(launch, cuLaunchKernel,                                                                  \
                  (Function, unsigned bx, unsigned by, unsigned bz, unsigned tx, unsigned ty, unsigned tz, \
                   unsigned shared_bytes, Stream, void **parameters, void **extra))                        \
  KILN_CUDA_ENTRY(allocate, cuMemAlloc_v2, (Address *, size_t))                                            \
  KILN_CUDA_ENTRY(release, cuMemFree_v2, (Address))                                                        \
  KILN_CUDA_ENTRY(to_device, cuMemcpyHtoD_v2, (Address, const void *, size_t))                             \
  KILN_CUDA_ENTRY(to_host, cuMemcpyDtoH_v2, (void *, Address, size_t))                                     \
  KILN_CUDA_ENTRY(stream_create, cuStreamCreate, (Stream *, unsigned flags))                               \
  KILN_CUDA_ENTRY(stream_destroy, cuStreamDestroy_v2, (Stream))                                            \
  KILN_CUDA_ENTRY(stream_wait, cuStreamSynchronize, (Stream))                                              \
  KILN_CUDA_ENTRY(pointer_attribute, cuPointerGetAttribute, (void *, int attribute, Address))

struct Api {
#define KILN_CUDA_ENTRY(name, symbol, parameters) Result(*name) parameters;
  KILN_CUDA_ENTRIES
#undef KILN_CUDA_ENTRY
};

// Opens libcuda.so.1, or the library that KILN_CUDA_DRIVER names.
inline void *open(Api *api, char *error, size_t error_size) {
  const char *const entries[] = {
#define KILN_CUDA_ENTRY(name, symbol, parameters) #symbol,
      KILN_CUDA_ENTRIES
#undef KILN_CUDA_ENTRY
  };
  return open_driver("KILN_CUDA_DRIVER", "libcuda.so.1", entries, api, error, error_size);
}

}  // namespace kiln::cuda
