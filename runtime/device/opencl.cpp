// OpenCL: the queue, its context and device, and the memory of a call.
#include "opencl.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "../status.h"
#include "../tensor.h"
#include "launch.h"

namespace kiln {
namespace {

using opencl::Api;

pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;
Api api;
const Api *opened;  // atomic

const Api *driver(char *error, size_t error_size) {
  const Api *found = __atomic_load_n(&opened, __ATOMIC_ACQUIRE);
  if (found) return found;
  pthread_mutex_lock(&opening);
  if (!opened && opencl::open(&api, error, error_size)) __atomic_store_n(&opened, &api, __ATOMIC_RELEASE);
  found = opened;
  pthread_mutex_unlock(&opening);
  return found;
}

kiln_status expect_device_id(const DeviceCall &call, int32_t device_id) {
  constexpr int kMost = 64;
  opencl::Device devices[kMost];
  size_t bytes = 0;
  if (kiln_status s =
          check_opencl(opencl_api(call).context_info(static_cast<opencl::Context>(call.driver_context),
                                                     opencl::kContextDevices, sizeof devices, devices, &bytes),
                       "clGetContextInfo"))
    return s;
  const int count = static_cast<int>(bytes / sizeof devices[0]);
  for (int i = 0; i < count; ++i)
    if (devices[i] == call.device) {
      if (i == device_id) return KILN_STATUS_OK;
      return invalid("input: expected device_id %d, the place of the queue's device in its context, got %d", i,
                     device_id);
    }
  return fail(KILN_STATUS_DEVICE_ERROR, "opencl: the queue's device is not among those of its context");
}

kiln_status begin(DeviceCall *call, int32_t device_id) {
  char error[300];
  const Api *driver_api = driver(error, sizeof error);
  if (!driver_api) return fail(KILN_STATUS_NO_DEVICE, "opencl: %s", error);
  const auto queue = static_cast<opencl::Queue>(call->context->opencl_queue);
  if (!queue)
    return invalid(
        "context: expected one with a queue for tensors of device kDLOpenCL (kiln_context_set_opencl_queue)");
  call->driver = const_cast<Api *>(driver_api);
  call->queue = queue;
  opencl::Flags properties = 0;
  uint32_t bits = 0;
  const Api &a = *driver_api;
  opencl::Result r = a.queue_info(queue, opencl::kQueueContext, sizeof(void *), &call->driver_context, nullptr);
  if (r == opencl::kSuccess) r = a.queue_info(queue, opencl::kQueueDevice, sizeof(void *), &call->device, nullptr);
  if (r == opencl::kSuccess) r = a.queue_info(queue, opencl::kQueueProperties, sizeof properties, &properties, nullptr);
  if (kiln_status s = check_opencl(r, "clGetCommandQueueInfo")) return s;
  if (properties & opencl::kOutOfOrder) return invalid("context: expected an in-order queue, got an out-of-order one");
  r = a.device_info(static_cast<opencl::Device>(call->device), opencl::kDeviceAddressAlign, sizeof bits, &bits,
                    nullptr);
  if (kiln_status s = check_opencl(r, "clGetDeviceInfo")) return s;
  call->alignment = bits >= 128 ? bits / 8 : 16;
  return expect_device_id(*call, device_id);
}

void end(DeviceCall *) {}

// Whether `object` can be asked: an address of the host, or an object of another platform, would crash in the loader,
// which reads the table of functions that an object begins with. Those of one platform begin with the same.
bool of_the_queues_platform(const DeviceCall &call, const void *object) {
  return reinterpret_cast<uintptr_t>(object) % sizeof(void *) == 0 && memcmp(object, call.queue, sizeof(void *)) == 0;
}

kiln_status check(DeviceCall *call, const char *name, const Tensor &tensor) {
  if (tensor.count == 0) return KILN_STATUS_OK;
  const Api &a = opencl_api(*call);
  if (!of_the_queues_platform(*call, tensor.array.object))
    return invalid("%s: expected a cl_mem of the queue's platform as data, got %p", name, tensor.array.object);
  const auto memory = static_cast<opencl::Memory>(tensor.array.object);
  void *context = nullptr;
  size_t bytes = 0;
  char what[80];
  snprintf(what, sizeof what, "%s: clGetMemObjectInfo", name);
  opencl::Result r = a.memory_info(memory, opencl::kMemoryContext, sizeof context, &context, nullptr);
  if (r == opencl::kSuccess) r = a.memory_info(memory, opencl::kMemoryBytes, sizeof bytes, &bytes, nullptr);
  if (kiln_status s = check_opencl(r, what)) return s;
  if (context != call->driver_context)
    return invalid("%s: expected a cl_mem of the queue's context, got one of another", name);
  const Span span = span_of(tensor);
  const int64_t origin = tensor.array.address;
  if (origin + span.low < 0 || origin + span.high > static_cast<int64_t>(bytes))
    return invalid("%s: expected elements within the cl_mem's %zu bytes, got bytes %" PRId64 " to %" PRId64, name,
                   bytes, origin + span.low, origin + span.high);
  return KILN_STATUS_OK;
}

kiln_status allocate(DeviceCall *call, int64_t bytes, DeviceMemory *memory) {
  opencl::Result result = opencl::kSuccess;
  void *object = opencl_api(*call).memory_create(static_cast<opencl::Context>(call->driver_context), opencl::kReadWrite,
                                                 static_cast<size_t>(bytes), nullptr, &result);
  if (result == opencl::kOutOfMemory)
    return fail(KILN_STATUS_OUT_OF_MEMORY, "opencl: %" PRId64 " bytes of working memory could not be had", bytes);
  if (kiln_status s = check_opencl(result, "clCreateBuffer")) return s;
  *memory = {object, 0, bytes, true};
  return KILN_STATUS_OK;
}

void release(void *, const DeviceMemory &memory) { api.memory_release(static_cast<opencl::Memory>(memory.object)); }

kiln_status upload(DeviceCall *call, const void *from, const DeviceMemory &to) {
  return check_opencl(
      opencl_api(*call).write(static_cast<opencl::Queue>(call->queue), static_cast<opencl::Memory>(to.object), 1,
                              static_cast<size_t>(to.offset), static_cast<size_t>(to.bytes), from, 0, nullptr, nullptr),
      "clEnqueueWriteBuffer");
}

bool present() {
  char error[300];
  const Api *driver_api = driver(error, sizeof error);
  opencl::Platform platforms[16];
  uint32_t count = 0;
  if (!driver_api || driver_api->platforms(16, platforms, &count) != opencl::kSuccess) return false;
  for (uint32_t p = 0; p < count && p < 16; ++p) {
    uint32_t devices = 0;
    if (driver_api->devices(platforms[p], opencl::kDeviceTypeAll, 0, nullptr, &devices) == opencl::kSuccess &&
        devices > 0)
      return true;
  }
  return false;
}

// OpenCL has no function that names an error.
const char *name_of(opencl::Result result) {
  static const struct {
    opencl::Result result;
    const char *text;
  } names[] = {{-1, "CL_DEVICE_NOT_FOUND"},
               {-2, "CL_DEVICE_NOT_AVAILABLE"},
               {-3, "CL_COMPILER_NOT_AVAILABLE"},
               {-4, "CL_MEM_OBJECT_ALLOCATION_FAILURE"},
               {-5, "CL_OUT_OF_RESOURCES"},
               {-6, "CL_OUT_OF_HOST_MEMORY"},
               {-8, "CL_MEM_COPY_OVERLAP"},
               {-11, "CL_BUILD_PROGRAM_FAILURE"},
               {-13, "CL_MISALIGNED_SUB_BUFFER_OFFSET"},
               {-30, "CL_INVALID_VALUE"},
               {-33, "CL_INVALID_DEVICE"},
               {-34, "CL_INVALID_CONTEXT"},
               {-36, "CL_INVALID_COMMAND_QUEUE"},
               {-38, "CL_INVALID_MEM_OBJECT"},
               {-42, "CL_INVALID_BINARY"},
               {-43, "CL_INVALID_BUILD_OPTIONS"},
               {-46, "CL_INVALID_KERNEL_NAME"},
               {-49, "CL_INVALID_ARG_INDEX"},
               {-50, "CL_INVALID_ARG_VALUE"},
               {-51, "CL_INVALID_ARG_SIZE"},
               {-54, "CL_INVALID_WORK_GROUP_SIZE"},
               {-61, "CL_INVALID_BUFFER_SIZE"},
               {-63, "CL_INVALID_GLOBAL_WORK_SIZE"},
               {-1001, "CL_PLATFORM_NOT_FOUND_KHR"}};
  for (const auto &name : names)
    if (name.result == result) return name.text;
  return "see CL/cl.h";
}

}  // namespace

kiln_status check_opencl(opencl::Result result, const char *what) {
  if (result == opencl::kSuccess) return KILN_STATUS_OK;
  return fail(KILN_STATUS_DEVICE_ERROR, "%s: OpenCL's error %d (%s)", what, result, name_of(result));
}

const DeviceApi kOpenclApi = {"opencl", begin, end, check, allocate, release, upload, load_image, present};

}  // namespace kiln
