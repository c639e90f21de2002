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

kiln_status look_up(DeviceCall *call, void *module, const char *name, void **function) {
  const cuda::Api &api = cuda_api(*call);
  cuda::Function found = nullptr;
  const cuda::Result result = api.module_function(&found, static_cast<cuda::Module>(module), name);
  *function = found;
  return check_cuda(api, result, "cuModuleGetFunction");
}

void unload(DeviceCall *call, const Image &image) {
  cuda_api(*call).module_unload(static_cast<cuda::Module>(image.module));
}

constexpr Loader kLoader = {".entry ", load, look_up, unload};

// More shared memory than a block has without asking is asked for once.
kiln_status allow(const cuda::Api &api, Image *image, EntryPoint *entry, int shared_bytes) {
  if (shared_bytes <= cuda::kSharedBytesWithoutAsking ||
      shared_bytes <= __atomic_load_n(&entry->shared_bytes, __ATOMIC_ACQUIRE))
    return KILN_STATUS_OK;
  pthread_mutex_lock(&image->mutex);
  kiln_status status = KILN_STATUS_OK;
  if (shared_bytes > entry->shared_bytes) {
    const auto function = static_cast<cuda::Function>(entry->function);
    status =
        check_cuda(api, api.function_set(function, cuda::kMaxDynamicSharedBytes, shared_bytes), "cuFuncSetAttribute");
    if (status == KILN_STATUS_OK) __atomic_store_n(&entry->shared_bytes, shared_bytes, __ATOMIC_RELEASE);
  }
  pthread_mutex_unlock(&image->mutex);
  return status;
}

kiln_status launch(DeviceCall *call, Image *image, EntryPoint *entry, const Grid &grid, const Arguments &arguments) {
  const cuda::Api &api = cuda_api(*call);
  if (kiln_status s = allow(api, image, entry, grid.shared_bytes)) return s;
  void *parameters[kMaxArguments];
  cuda::Address addresses[kMaxArguments];
  int count = 0;
  for (; arguments.sizes[count] != 0; ++count) {
    if (count == kMaxArguments) return fail(KILN_STATUS_INTERNAL, "cuda: a kernel has too many arguments");
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

int halide_cuda_initialize_kernels(void *user_context, void **, const char *source, int bytes) {
  return kiln::take_code(user_context, source, bytes, kiln::kLoader);
}

int halide_cuda_run(void *user_context, void *, const char *name, int blocks_x, int blocks_y, int blocks_z,
                    int threads_x, int threads_y, int threads_z, int shared_bytes, size_t sizes[], void *values[],
                    int8_t is_buffer[]) {
  const kiln::Grid grid = {{blocks_x, blocks_y, blocks_z}, {threads_x, threads_y, threads_z}, shared_bytes};
  return kiln::run_kernel(user_context, name, grid, {sizes, values, is_buffer}, kiln::launch);
}

void halide_cuda_finalize_kernels(void *, void *) {}
}
