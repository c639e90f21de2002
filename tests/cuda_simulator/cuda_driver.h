// The part of NVIDIA's driver API that the simulator has: names, signatures and numbers as the driver has them, so that
// a program that opens libcuda.so.1 by dlopen cannot tell, and so that no CUDA toolkit is needed to build.
#ifndef KILN_TESTS_CUDA_DRIVER_H
#define KILN_TESTS_CUDA_DRIVER_H

#include <stddef.h>
#include <stdint.h>

#define KILNSIM_EXPORT __attribute__((visibility("default")))

// name, value, what cuGetErrorString says.
#define KILNSIM_RESULTS(X)                                                                         \
  X(CUDA_SUCCESS, 0, "no error")                                                                   \
  X(CUDA_ERROR_INVALID_VALUE, 1, "invalid argument")                                               \
  X(CUDA_ERROR_OUT_OF_MEMORY, 2, "out of memory")                                                  \
  X(CUDA_ERROR_NOT_INITIALIZED, 3, "initialization error")                                         \
  X(CUDA_ERROR_DEINITIALIZED, 4, "driver shutting down")                                           \
  X(CUDA_ERROR_NO_DEVICE, 100, "no CUDA-capable device is detected")                               \
  X(CUDA_ERROR_INVALID_DEVICE, 101, "invalid device ordinal")                                      \
  X(CUDA_ERROR_INVALID_IMAGE, 200, "device kernel image is invalid")                               \
  X(CUDA_ERROR_INVALID_CONTEXT, 201, "invalid device context")                                     \
  X(CUDA_ERROR_NO_BINARY_FOR_GPU, 209, "no kernel image is available for execution on the device") \
  X(CUDA_ERROR_INVALID_PTX, 218, "a PTX JIT compilation failed")                                   \
  X(CUDA_ERROR_INVALID_HANDLE, 400, "invalid resource handle")                                     \
  X(CUDA_ERROR_NOT_FOUND, 500, "named symbol not found")                                           \
  X(CUDA_ERROR_NOT_READY, 600, "device not ready")                                                 \
  X(CUDA_ERROR_ILLEGAL_ADDRESS, 700, "an illegal memory access was encountered")                   \
  X(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, 701, "too many resources requested for launch")            \
  X(CUDA_ERROR_LAUNCH_TIMEOUT, 702, "the launch timed out and was terminated")                     \
  X(CUDA_ERROR_CONTEXT_IS_DESTROYED, 709, "context is destroyed")                                  \
  X(CUDA_ERROR_ILLEGAL_INSTRUCTION, 715, "an illegal instruction was encountered")                 \
  X(CUDA_ERROR_MISALIGNED_ADDRESS, 716, "misaligned address")                                      \
  X(CUDA_ERROR_LAUNCH_FAILED, 719, "unspecified launch failure")                                   \
  X(CUDA_ERROR_NOT_SUPPORTED, 801, "operation not supported")                                      \
  X(CUDA_ERROR_UNKNOWN, 999, "unknown error")

#ifdef __cplusplus
extern "C" {
#endif

#define KILNSIM_ENUMERATOR(name, value, text) name = value,
typedef enum { KILNSIM_RESULTS(KILNSIM_ENUMERATOR) } CUresult;
#undef KILNSIM_ENUMERATOR

typedef int CUdevice;
typedef uint64_t CUdeviceptr;
typedef struct CUctx_st *CUcontext;
typedef struct CUmod_st *CUmodule;
typedef struct CUfunc_st *CUfunction;
typedef struct CUstream_st *CUstream;

// Attributes are ints: a caller may ask for any of the driver's, the simulator answers those that it has a value for.
typedef int CUdevice_attribute;
typedef int CUpointer_attribute;
typedef int CUfunction_attribute;
typedef int CUjit_option;

enum {
  CU_JIT_INFO_LOG_BUFFER = 3,
  CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES,
  CU_JIT_ERROR_LOG_BUFFER,
  CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES
};
enum {
  CU_POINTER_ATTRIBUTE_CONTEXT = 1,
  CU_POINTER_ATTRIBUTE_MEMORY_TYPE = 2,
  CU_POINTER_ATTRIBUTE_DEVICE_POINTER = 3,
  CU_POINTER_ATTRIBUTE_IS_MANAGED = 8,
  CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL = 9,
  CU_POINTER_ATTRIBUTE_RANGE_START_ADDR = 11,
  CU_POINTER_ATTRIBUTE_RANGE_SIZE = 12
};
enum { CU_MEMORYTYPE_DEVICE = 2 };
enum { CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8, CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT = 9 };
enum { CU_STREAM_DEFAULT = 0, CU_STREAM_NON_BLOCKING = 1 };

KILNSIM_EXPORT CUresult cuInit(unsigned flags);
KILNSIM_EXPORT CUresult cuDriverGetVersion(int *version);
KILNSIM_EXPORT CUresult cuGetErrorName(CUresult error, const char **name);
KILNSIM_EXPORT CUresult cuGetErrorString(CUresult error, const char **text);

KILNSIM_EXPORT CUresult cuDeviceGetCount(int *count);
KILNSIM_EXPORT CUresult cuDeviceGet(CUdevice *device, int ordinal);
KILNSIM_EXPORT CUresult cuDeviceGetName(char *name, int length, CUdevice device);
KILNSIM_EXPORT CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute attribute, CUdevice device);
KILNSIM_EXPORT CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice device);
KILNSIM_EXPORT CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device);
KILNSIM_EXPORT CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device);

// A context of the caller's own.
KILNSIM_EXPORT CUresult cuCtxCreate_v2(CUcontext *context, unsigned flags, CUdevice device);
KILNSIM_EXPORT CUresult cuCtxDestroy_v2(CUcontext context);
// A number that no other context ever has.
KILNSIM_EXPORT CUresult cuCtxGetId(CUcontext context, unsigned long long *id);
KILNSIM_EXPORT CUresult cuCtxGetApiVersion(CUcontext context, unsigned *version);
KILNSIM_EXPORT CUresult cuProfilerStop(void);

KILNSIM_EXPORT CUresult cuCtxGetCurrent(CUcontext *context);
KILNSIM_EXPORT CUresult cuCtxSetCurrent(CUcontext context);
KILNSIM_EXPORT CUresult cuCtxPushCurrent_v2(CUcontext context);
KILNSIM_EXPORT CUresult cuCtxPopCurrent_v2(CUcontext *context);
KILNSIM_EXPORT CUresult cuCtxGetDevice(CUdevice *device);
KILNSIM_EXPORT CUresult cuCtxSynchronize(void);

KILNSIM_EXPORT CUresult cuModuleLoadData(CUmodule *module, const void *image);
KILNSIM_EXPORT CUresult cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned count, CUjit_option *options,
                                           void **values);
KILNSIM_EXPORT CUresult cuModuleUnload(CUmodule module);
KILNSIM_EXPORT CUresult cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name);
KILNSIM_EXPORT CUresult cuFuncSetAttribute(CUfunction function, CUfunction_attribute attribute, int value);
KILNSIM_EXPORT CUresult cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                                       unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared_bytes,
                                       CUstream stream, void **parameters, void **extra);

KILNSIM_EXPORT CUresult cuMemAlloc_v2(CUdeviceptr *address, size_t bytes);
KILNSIM_EXPORT CUresult cuMemFree_v2(CUdeviceptr address);
KILNSIM_EXPORT CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void *from, size_t bytes);
KILNSIM_EXPORT CUresult cuMemcpyDtoH_v2(void *to, CUdeviceptr from, size_t bytes);
KILNSIM_EXPORT CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t bytes, CUstream stream);
KILNSIM_EXPORT CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t bytes, CUstream stream);
KILNSIM_EXPORT CUresult cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes);
KILNSIM_EXPORT CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream);
// Halide's runtime looks it up; CUDA_ERROR_NOT_SUPPORTED.
KILNSIM_EXPORT CUresult cuMemcpy3D_v2(const void *copy);
KILNSIM_EXPORT CUresult cuMemsetD8_v2(CUdeviceptr to, unsigned char value, size_t bytes);
KILNSIM_EXPORT CUresult cuPointerGetAttribute(void *value, CUpointer_attribute attribute, CUdeviceptr address);

KILNSIM_EXPORT CUresult cuStreamCreate(CUstream *stream, unsigned flags);
KILNSIM_EXPORT CUresult cuStreamDestroy_v2(CUstream stream);
KILNSIM_EXPORT CUresult cuStreamSynchronize(CUstream stream);
KILNSIM_EXPORT CUresult cuStreamGetCtx(CUstream stream, CUcontext *context);

#ifdef __cplusplus
}
#endif
#endif
