// What the host part of a CUDA kernel calls (Halide's halide_cuda_*): its code is loaded once a context, its launch
// goes to the call's stream, and nothing waits or allocates.
#include <stdio.h>

#include "../status.h"
#include "cuda.h"
#include "launch.h"

namespace kiln {
namespace {

constexpr int kMaxArguments = 64;

kiln_status load(DeviceCall *call, const char *source, int bytes, void **module) {
  const cuda::Api &api = cuda_api(*call);
  if (source[bytes - 1] != '\0') return fail(KILN_STATUS_INTERNAL, "cuda: a kernel's PTX does not end");
  char log[400] = "";
  int options[] = {cuda::kErrorLogBuffer, cuda::kErrorLogBytes};
  void *values[] = {log, reinterpret_cast<void *>(sizeof log)};
  cuda::Module loaded = nullptr;
  if (kiln_status s = check_cuda(api, api.module_load(&loaded, source, 2, options, values), "cuModuleLoadDataEx")) {
    char text[400];
    snprintf(text, sizeof text, "%s", kiln_last_error());
    log[sizeof log - 1] = '\0';
    return log[0] ? fail(s, "%s: %s", text, log) : s;
  }
  *module = loaded;
  return KILN_STATUS_OK;
}

kiln_status look_up(const cuda::Api &api, Image *image, const char *name, int shared_bytes, EntryPoint **entry) {
  EntryPoint *found = image->find(name);
  if (!found) {
    cuda::Function function;
    if (kiln_status s = check_cuda(api, api.module_function(&function, static_cast<cuda::Module>(image->module), name),
                                   "cuModuleGetFunction"))
      return s;
    found = image->add(name, function);
    if (!found) return fail(KILN_STATUS_INTERNAL, "cuda: a kernel has more entry points than there is room for");
  }
  if (shared_bytes > cuda::kSharedBytesWithoutAsking && shared_bytes > found->shared_bytes) {
    const auto function = static_cast<cuda::Function>(found->function);
    if (kiln_status s = check_cuda(api, api.function_set(function, cuda::kMaxDynamicSharedBytes, shared_bytes),
                                   "cuFuncSetAttribute"))
      return s;
    __atomic_store_n(&found->shared_bytes, shared_bytes, __ATOMIC_RELEASE);
  }
  *entry = found;
  return KILN_STATUS_OK;
}

kiln_status entry_point(const cuda::Api &api, Image *image, const char *name, int shared_bytes, EntryPoint **entry) {
  EntryPoint *found = image->find(name);
  if (found && (shared_bytes <= cuda::kSharedBytesWithoutAsking ||
                shared_bytes <= __atomic_load_n(&found->shared_bytes, __ATOMIC_ACQUIRE))) {
    *entry = found;
    return KILN_STATUS_OK;
  }
  pthread_mutex_lock(&image->mutex);
  const kiln_status status = look_up(api, image, name, shared_bytes, entry);
  pthread_mutex_unlock(&image->mutex);
  return status;
}

kiln_status launch(DeviceCall *call, Image *image, const char *name, const Grid &grid, const Arguments &arguments) {
  const cuda::Api &api = cuda_api(*call);
  EntryPoint *entry = nullptr;
  if (kiln_status s = entry_point(api, image, name, grid.shared_bytes, &entry)) return s;
  void *parameters[kMaxArguments];
  cuda::Address addresses[kMaxArguments];
  int count = 0;
  for (; arguments.sizes[count] != 0; ++count) {
    if (count == kMaxArguments) return fail(KILN_STATUS_INTERNAL, "cuda: %s has too many arguments", name);
    parameters[count] = arguments.values[count];
    if (!arguments.is_buffer[count]) continue;
    addresses[count] = static_cast<cuda::Address>(arguments.memory(count).offset);
    parameters[count] = &addresses[count];
  }
  return check_cuda(api,
                    api.launch(static_cast<cuda::Function>(entry->function), grid.blocks[0], grid.blocks[1],
                               grid.blocks[2], grid.threads[0], grid.threads[1], grid.threads[2], grid.shared_bytes,
                               static_cast<cuda::Stream>(call->queue), parameters, nullptr),
                    "cuLaunchKernel");
}

}  // namespace
}  // namespace kiln

extern "C" {

const halide_device_interface_t *halide_cuda_device_interface() { return kiln::device_interface(); }

int halide_cuda_initialize_kernels(void *user_context, void **list, const char *source, int bytes) {
  return kiln::ensure_image(list, static_cast<kiln::DeviceCall *>(user_context), source, bytes, kiln::load);
}

int halide_cuda_run(void *user_context, void *list, const char *name, int blocks_x, int blocks_y, int blocks_z,
                    int threads_x, int threads_y, int threads_z, int shared_bytes, size_t sizes[], void *values[],
                    int8_t is_buffer[]) {
  const kiln::Grid grid = {{blocks_x, blocks_y, blocks_z}, {threads_x, threads_y, threads_z}, shared_bytes};
  return kiln::run_kernel(user_context, list, name, grid, {sizes, values, is_buffer}, kiln::launch);
}

void halide_cuda_finalize_kernels(void *, void *) {}
}
