// CUDA: the device, the current context and the memory of a call.
#include "cuda.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>

#include "../status.h"
#include "../tensor.h"
#include "launch.h"

namespace kiln {
namespace {

using cuda::Api;

pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;
Api api;
cuda::Result (*context_id)(cuda::Context, unsigned long long *);  // cuCtxGetId, from driver 12 on
const Api *opened;                                                // atomic

// Opens and starts the driver; what failed is tried again at the next call.
const Api *driver(char *error, size_t error_size) {
  const Api *found = __atomic_load_n(&opened, __ATOMIC_ACQUIRE);
  if (found) return found;
  pthread_mutex_lock(&opening);
  found = opened;
  if (!found) {
    void *library = cuda::open(&api, error, error_size);
    const cuda::Result result = library ? api.init(0) : cuda::kSuccess;
    if (result != cuda::kSuccess) {
      const char *text = nullptr;
      api.error_text(result, &text);
      snprintf(error, error_size, "cuInit: %s", text ? text : "unknown error");
    } else if (library) {
      *reinterpret_cast<void **>(&context_id) = dlsym(library, "cuCtxGetId");
      found = &api;
      __atomic_store_n(&opened, found, __ATOMIC_RELEASE);
    }
  }
  pthread_mutex_unlock(&opening);
  return found;
}

// The primary contexts that this library holds, for threads that have none current. They are kept.
constexpr int kMaxDevices = 64;
cuda::Context primaries[kMaxDevices];  // atomic

kiln_status primary(const Api &api, int device_id, cuda::Context *context) {
  cuda::Context *kept = device_id < kMaxDevices ? &primaries[device_id] : nullptr;
  if (kept && (*context = __atomic_load_n(kept, __ATOMIC_ACQUIRE))) return KILN_STATUS_OK;
  cuda::Device device;
  if (kiln_status s = check_cuda(api, api.device_get(&device, device_id), "cuDeviceGet")) return s;
  if (kiln_status s = check_cuda(api, api.primary_retain(context, device), "cuDevicePrimaryCtxRetain")) return s;
  if (kept) __atomic_store_n(kept, *context, __ATOMIC_RELEASE);
  return KILN_STATUS_OK;
}

kiln_status expect_device(const Api &api, int32_t device_id) {
  int count = 0;
  if (kiln_status s = check_cuda(api, api.device_count(&count), "cuDeviceGetCount")) return s;
  if (count == 0) return fail(KILN_STATUS_NO_DEVICE, "cuda: the driver finds no device");
  if (device_id >= 0 && device_id < count) return KILN_STATUS_OK;
  return invalid("input: expected a device_id of 0 to %d, got %d", count - 1, device_id);
}

kiln_status begin(DeviceCall *call, int32_t device_id) {
  char error[300];
  const Api *driver_api = driver(error, sizeof error);
  if (!driver_api) return fail(KILN_STATUS_NO_DEVICE, "cuda: %s", error);
  const Api &api = *driver_api;
  call->driver = const_cast<Api *>(driver_api);
  call->queue = call->context->cuda_stream;
  if (kiln_status s = expect_device(api, device_id)) return s;
  cuda::Context context = nullptr;
  if (kiln_status s = check_cuda(api, api.current(&context), "cuCtxGetCurrent")) return s;
  if (context) {
    cuda::Device device;
    if (kiln_status s = check_cuda(api, api.current_device(&device), "cuCtxGetDevice")) return s;
    if (device != device_id)
      return invalid("input: expected device_id %d, that of this thread's current CUcontext, got %d", device,
                     device_id);
  } else {
    if (kiln_status s = primary(api, device_id, &context)) return s;
    if (kiln_status s = check_cuda(api, api.push(context), "cuCtxPushCurrent")) return s;
    call->pushed = true;
  }
  call->driver_context = context;
  unsigned long long number = 0;
  if (context_id && context_id(context, &number) == cuda::kSuccess) call->context_number = number;
  return KILN_STATUS_OK;
}

void end(DeviceCall *call) {
  cuda::Context popped;
  if (call->pushed) cuda_api(*call).pop(&popped);
}

// Host memory is found here: a kernel that touched it would end in an error that outlives the call.
kiln_status check(DeviceCall *call, const char *name, const Tensor &tensor) {
  const Api &api = cuda_api(*call);
  if (tensor.count == 0) return KILN_STATUS_OK;
  char what[140];
  snprintf(what, sizeof what, "%s: expected memory of device kDLCUDA, got address %p (cuPointerGetAttribute)", name,
           static_cast<void *>(tensor.array.pointer()));
  unsigned type = 0;
  const auto address = static_cast<cuda::Address>(tensor.array.address);
  if (kiln_status s = check_cuda(api, api.pointer_attribute(&type, cuda::kPointerMemoryType, address), what)) return s;
  if (type == cuda::kMemoryTypeHost) return invalid("%s, which is the host's (page-locked)", what);
  return KILN_STATUS_OK;
}

kiln_status allocate(DeviceCall *call, int64_t bytes, DeviceMemory *memory) {
  const Api &api = cuda_api(*call);
  cuda::Address address = 0;
  const cuda::Result result = api.allocate(&address, static_cast<size_t>(bytes));
  if (result == cuda::kOutOfMemory)
    return fail(KILN_STATUS_OUT_OF_MEMORY, "cuda: %" PRId64 " bytes of working memory could not be had", bytes);
  if (kiln_status s = check_cuda(api, result, "cuMemAlloc")) return s;
  *memory = {nullptr, static_cast<int64_t>(address), bytes, true};
  return KILN_STATUS_OK;
}

// The app may have destroyed the context, and its memory with it.
void release(void *driver_context, const DeviceMemory &memory) {
  if (api.push(static_cast<cuda::Context>(driver_context)) != cuda::kSuccess) return;
  api.release(static_cast<cuda::Address>(memory.offset));
  cuda::Context popped;
  api.pop(&popped);
}

kiln_status upload(DeviceCall *call, const void *from, const DeviceMemory &to) {
  const Api &api = cuda_api(*call);
  return check_cuda(api, api.to_device(static_cast<cuda::Address>(to.offset), from, static_cast<size_t>(to.bytes)),
                    "cuMemcpyHtoD");
}

bool present() {
  char error[300];
  const Api *driver_api = driver(error, sizeof error);
  int count = 0;
  return driver_api && driver_api->device_count(&count) == cuda::kSuccess && count > 0;
}

}  // namespace

kiln_status check_cuda(const Api &api, cuda::Result result, const char *what) {
  if (result == cuda::kSuccess) return KILN_STATUS_OK;
  const char *name = nullptr, *text = nullptr;
  api.error_name(result, &name);
  api.error_text(result, &text);
  return fail(KILN_STATUS_DEVICE_ERROR, "%s: %s (%s)", what, text ? text : "unknown error", name ? name : "?");
}

const DeviceApi kCudaApi = {"cuda", begin, end, check, allocate, release, upload, load_image, present};

}  // namespace kiln
