// Driver API: initialization, errors, the device, contexts.
#include <cstdio>
#include <map>

#include "driver_state.h"
#include "parser.h"

using namespace kilnsim;

namespace {

// Those that programs ask for before a launch, by their numbers in CUdevice_attribute: as an A100 answers, but for one
// multiprocessor.
const std::map<int, int> kAttributes = {
    {1, 1024},  // MAX_THREADS_PER_BLOCK
    {2, 1024},
    {3, 1024},
    {4, 64},  // MAX_BLOCK_DIM_X, Y, Z
    {5, 2147483647},
    {6, 65535},
    {7, 65535},              // MAX_GRID_DIM_X, Y, Z
    {8, int(kSharedBytes)},  // MAX_SHARED_MEMORY_PER_BLOCK
    {9, 65536},              // TOTAL_CONSTANT_MEMORY
    {10, kWarpSize},         // WARP_SIZE
    {12, 65536},             // MAX_REGISTERS_PER_BLOCK
    {16, 1},                 // MULTIPROCESSOR_COUNT
    {17, 0},
    {18, 0},
    {31, 1},                       // KERNEL_EXEC_TIMEOUT, INTEGRATED, CONCURRENT_KERNELS
    {38, 40 << 20},                // L2_CACHE_SIZE
    {39, 2048},                    // MAX_THREADS_PER_MULTIPROCESSOR
    {41, 1},                       // UNIFIED_ADDRESSING
    {75, kCapability / 10},        // COMPUTE_CAPABILITY_MAJOR
    {76, kCapability % 10},        // COMPUTE_CAPABILITY_MINOR
    {81, 164 << 10},               // MAX_SHARED_MEMORY_PER_MULTIPROCESSOR
    {82, 65536},                   // MAX_REGISTERS_PER_MULTIPROCESSOR
    {97, int(kSharedBytesOptIn)},  // MAX_SHARED_MEMORY_PER_BLOCK_OPTIN
};

void check_device(CUdevice device) { require(device == 0, CUDA_ERROR_INVALID_DEVICE); }

}  // namespace

extern "C" {

CUresult cuInit(unsigned flags) {
  return entry(
      "cuInit",
      [&](Driver &d) {
        require(flags == 0, CUDA_ERROR_INVALID_VALUE);
        d.initialized = true;
      },
      false);
}

CUresult cuDriverGetVersion(int *version) {
  return entry(
      "cuDriverGetVersion",
      [&](Driver &) {
        require(version, CUDA_ERROR_INVALID_VALUE);
        *version = 12000;
      },
      false);
}

#define KILNSIM_CASE(name, value, text) \
  case name:                            \
    return std::pair(#name, text);
static std::pair<const char *, const char *> words(CUresult error) {
  switch (error) { KILNSIM_RESULTS(KILNSIM_CASE) }
  return {nullptr, nullptr};
}

CUresult cuGetErrorName(CUresult error, const char **name) {
  if (!name) return CUDA_ERROR_INVALID_VALUE;
  *name = words(error).first;
  return *name ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGetErrorString(CUresult error, const char **text) {
  if (!text) return CUDA_ERROR_INVALID_VALUE;
  *text = words(error).second;
  return *text ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuDeviceGetCount(int *count) {
  return entry("cuDeviceGetCount", [&](Driver &) {
    require(count, CUDA_ERROR_INVALID_VALUE);
    *count = 1;
  });
}

CUresult cuDeviceGet(CUdevice *device, int ordinal) {
  return entry("cuDeviceGet", [&](Driver &) {
    require(device, CUDA_ERROR_INVALID_VALUE);
    check_device(ordinal);
    *device = ordinal;
  });
}

CUresult cuDeviceGetName(char *name, int length, CUdevice device) {
  return entry("cuDeviceGetName", [&](Driver &) {
    require(name && length > 0, CUDA_ERROR_INVALID_VALUE);
    check_device(device);
    snprintf(name, size_t(length), "%s", kDeviceName);
  });
}

CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute attribute, CUdevice device) {
  return entry("cuDeviceGetAttribute", [&](Driver &) {
    const auto found = kAttributes.find(attribute);
    require(value && found != kAttributes.end(), CUDA_ERROR_INVALID_VALUE);
    check_device(device);
    *value = found->second;
  });
}

CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice device) {
  return entry("cuDeviceTotalMem_v2", [&](Driver &) {
    require(bytes, CUDA_ERROR_INVALID_VALUE);
    check_device(device);
    *bytes = DeviceMemory::kTotal;
  });
}

CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device) {
  return entry("cuDevicePrimaryCtxRetain", [&](Driver &d) {
    require(context, CUDA_ERROR_INVALID_VALUE);
    check_device(device);
    if (!d.primary) d.primary = make_context();
    ++d.retained;
    *context = d.primary;
  });
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
  return entry("cuDevicePrimaryCtxRelease_v2", [&](Driver &d) {
    check_device(device);
    require(d.retained > 0, CUDA_ERROR_INVALID_CONTEXT);
    if (--d.retained == 0) destroy(d.primary);
  });
}

CUresult cuCtxCreate_v2(CUcontext *context, unsigned, CUdevice device) {
  return entry("cuCtxCreate_v2", [&](Driver &) {
    require(context, CUDA_ERROR_INVALID_VALUE);
    check_device(device);
    *context = make_context();
    current_contexts().push_back(*context);
  });
}

CUresult cuCtxDestroy_v2(CUcontext context) {
  return entry("cuCtxDestroy_v2", [&](Driver &d) {
    require(alive(context) && context != d.primary, CUDA_ERROR_INVALID_CONTEXT);
    destroy(context);
    auto &stack = current_contexts();
    if (!stack.empty() && stack.back() == context) stack.pop_back();
  });
}

CUresult cuCtxGetId(CUcontext context, unsigned long long *id) {
  return entry("cuCtxGetId", [&](Driver &) {
    require(id, CUDA_ERROR_INVALID_VALUE);
    require(!context || alive(context), CUDA_ERROR_CONTEXT_IS_DESTROYED);
    *id = context ? context->id : current().id;
  });
}

CUresult cuCtxGetApiVersion(CUcontext context, unsigned *version) {
  return entry("cuCtxGetApiVersion", [&](Driver &) {
    require(version && (!context || alive(context)), CUDA_ERROR_INVALID_VALUE);
    *version = 3020;
  });
}

CUresult cuProfilerStop(void) {
  return entry("cuProfilerStop", [](Driver &) {});
}

CUresult cuCtxGetCurrent(CUcontext *context) {
  return entry("cuCtxGetCurrent", [&](Driver &) {
    require(context, CUDA_ERROR_INVALID_VALUE);
    *context = current_contexts().empty() ? nullptr : current_contexts().back();
  });
}

CUresult cuCtxSetCurrent(CUcontext context) {
  return entry("cuCtxSetCurrent", [&](Driver &) {
    require(!context || alive(context), CUDA_ERROR_INVALID_CONTEXT);
    auto &stack = current_contexts();
    if (!stack.empty()) stack.pop_back();
    if (context) stack.push_back(context);
  });
}

CUresult cuCtxPushCurrent_v2(CUcontext context) {
  return entry("cuCtxPushCurrent_v2", [&](Driver &) {
    require(alive(context), CUDA_ERROR_INVALID_CONTEXT);
    current_contexts().push_back(context);
  });
}

CUresult cuCtxPopCurrent_v2(CUcontext *context) {
  return entry("cuCtxPopCurrent_v2", [&](Driver &) {
    auto &stack = current_contexts();
    require(!stack.empty(), CUDA_ERROR_INVALID_CONTEXT);
    if (context) *context = stack.back();
    stack.pop_back();
  });
}

CUresult cuCtxGetDevice(CUdevice *device) {
  return entry("cuCtxGetDevice", [&](Driver &) {
    require(device, CUDA_ERROR_INVALID_VALUE);
    current();
    *device = 0;
  });
}

CUresult cuCtxSynchronize(void) {
  return entry("cuCtxSynchronize", [&](Driver &d) {
    ++d.counts.synchronizations;
    finish_all(current());
  });
}
}
