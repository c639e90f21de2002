// What the host part of an OpenCL kernel calls (Halide's halide_opencl_*): its program is built once a context, and its
// launch goes to the call's queue.
#include <stdio.h>
#include <string.h>

#include "../status.h"
#include "launch.h"
#include "opencl.h"
#include "scratch_cache.h"

namespace kiln {
namespace {

// Arithmetic is as written only where the device keeps subnormals and rounds quotients correctly.
kiln_status expect_arithmetic(const DeviceCall &call) {
  opencl::Flags config = 0;
  if (kiln_status s =
          check_opencl(opencl_api(call).device_info(static_cast<opencl::Device>(call.device),
                                                    opencl::kDeviceSingleConfig, sizeof config, &config, nullptr),
                       "clGetDeviceInfo"))
    return s;
  if (!(config & opencl::kDenormals))
    return fail(KILN_STATUS_UNSUPPORTED, "opencl: this device has no subnormal float32 numbers");
  if (!(config & opencl::kRoundedDivision))
    return fail(KILN_STATUS_UNSUPPORTED, "opencl: this device does not round float32 division correctly");
  return KILN_STATUS_OK;
}

kiln_status build(const DeviceCall &call, opencl::Program program) {
  const opencl::Api &api = opencl_api(call);
  const auto device = static_cast<opencl::Device>(call.device);
  const kiln_status status =
      check_opencl(api.program_build(program, 1, &device, "-cl-fp32-correctly-rounded-divide-sqrt", nullptr, nullptr),
                   "clBuildProgram");
  if (status == KILN_STATUS_OK) return status;
  char text[200], log[600] = "";
  snprintf(text, sizeof text, "%s", kiln_last_error());
  api.build_info(program, device, opencl::kBuildLog, sizeof log - 1, log, nullptr);
  return fail(status, "%s: %s", text, log);
}

// Halide's source begins by allowing contraction of a * b + c, which would change bits. It is built with the pragma
// turned round.
kiln_status load(DeviceCall *call, const char *source, int bytes, void **module) {
  if (kiln_status s = expect_arithmetic(*call)) return s;
  static const char contracts[] = "#pragma OPENCL FP_CONTRACT ON", keeps[] = "#pragma OPENCL FP_CONTRACT OFF";
  const char *const found = strstr(source, contracts);
  if (!found) return fail(KILN_STATUS_INTERNAL, "opencl: a kernel's source has no \"%s\"", contracts);
  const char *const rest = found + sizeof contracts - 1;
  const char *parts[] = {source, keeps, rest};
  const size_t lengths[] = {static_cast<size_t>(found - source), sizeof keeps - 1,
                            strnlen(rest, static_cast<size_t>(source + bytes - rest))};
  const opencl::Api &api = opencl_api(*call);
  opencl::Result result = opencl::kSuccess;
  const opencl::Program program =
      api.program_create(static_cast<opencl::Context>(call->driver_context), 3, parts, lengths, &result);
  if (kiln_status s = check_opencl(result, "clCreateProgramWithSource")) return s;
  if (kiln_status s = build(*call, program)) {
    api.program_release(program);
    return s;
  }
  *module = program;
  return KILN_STATUS_OK;
}

kiln_status look_up(DeviceCall *call, void *module, const char *name, void **function) {
  opencl::Result result = opencl::kSuccess;
  *function = opencl_api(*call).kernel_create(static_cast<opencl::Program>(module), name, &result);
  return check_opencl(result, "clCreateKernel");
}

void unload(DeviceCall *call, const Image &image) {
  const opencl::Api &api = opencl_api(*call);
  for (int i = 0; i < image.entry_count; ++i)
    api.kernel_release(static_cast<opencl::Kernel>(image.entries[i].function));
  api.program_release(static_cast<opencl::Program>(image.module));
}

constexpr Loader kLoader = {"__kernel void ", load, look_up, unload};

// A buffer as a kernel's argument: its object, a part of it, or, where that may not begin so, a copy that is written
// back.
class Bound {
 public:
  Bound() = default;
  ~Bound() {
    if (part_) api_->memory_release(part_);
  }
  Bound(const Bound &) = delete;
  Bound &operator=(const Bound &) = delete;

  kiln_status bind(DeviceCall *call, const DeviceMemory &memory) {
    api_ = &opencl_api(*call);
    memory_ = &memory;
    const auto object = static_cast<opencl::Memory>(memory.object);
    if (memory.offset == 0) {
      argument_ = object;
      return KILN_STATUS_OK;
    }
    if (memory.offset % call->alignment != 0) return copy_in(call);
    const opencl::Region region = {static_cast<size_t>(memory.offset), static_cast<size_t>(memory.bytes)};
    opencl::Result result = opencl::kSuccess;
    part_ = argument_ = api_->memory_part(object, 0, opencl::kRegion, &region, &result);
    return check_opencl(result, "clCreateSubBuffer");
  }

  // Gaps between elements come back as they went.
  kiln_status finish(DeviceCall *call) {
    if (!copied_ || !memory_->written) return KILN_STATUS_OK;
    return copy(call, argument_, 0, static_cast<opencl::Memory>(memory_->object), memory_->offset);
  }

  const opencl::Memory &argument() const { return argument_; }

 private:
  kiln_status copy_in(DeviceCall *call) {
    if (kiln_status s = scratch_.allocate(call, memory_->bytes)) return s;
    copied_ = true;
    argument_ = static_cast<opencl::Memory>(scratch_.memory().object);
    return copy(call, static_cast<opencl::Memory>(memory_->object), memory_->offset, argument_, 0);
  }
  kiln_status copy(DeviceCall *call, opencl::Memory from, int64_t at, opencl::Memory to, int64_t to_at) {
    return check_opencl(
        api_->copy(static_cast<opencl::Queue>(call->queue), from, to, static_cast<size_t>(at),
                   static_cast<size_t>(to_at), static_cast<size_t>(memory_->bytes), 0, nullptr, nullptr),
        "clEnqueueCopyBuffer");
  }

  const opencl::Api *api_ = nullptr;
  const DeviceMemory *memory_ = nullptr;
  opencl::Memory argument_ = nullptr, part_ = nullptr;
  bool copied_ = false;
  DeviceScratch scratch_;
};

constexpr int kMaxBuffers = 16;

// Under the image's mutex: arguments are set on the kernel, which all threads share.
kiln_status enqueue(DeviceCall *call, const EntryPoint &entry, const Grid &grid, const Arguments &arguments,
                    const Bound *buffers) {
  const opencl::Api &api = opencl_api(*call);
  opencl::Result result = opencl::kSuccess;
  const auto kernel = static_cast<opencl::Kernel>(entry.function);
  uint32_t i = 0;
  for (; arguments.sizes[i] != 0 && result == opencl::kSuccess; ++i)
    result = arguments.is_buffer[i] ? api.kernel_argument(kernel, i, sizeof(opencl::Memory), &(buffers++)->argument())
                                    : api.kernel_argument(kernel, i, arguments.sizes[i], arguments.values[i]);
  // The last argument is the block's shared memory, which may not be empty.
  if (result == opencl::kSuccess)
    result =
        api.kernel_argument(kernel, i, grid.shared_bytes > 0 ? static_cast<size_t>(grid.shared_bytes) : 1, nullptr);
  if (kiln_status s = check_opencl(result, "clSetKernelArg")) return s;
  size_t all[3], block[3];
  for (int d = 0; d < 3; ++d) {
    block[d] = static_cast<size_t>(grid.threads[d]);
    all[d] = block[d] * static_cast<size_t>(grid.blocks[d]);
  }
  return check_opencl(
      api.launch(static_cast<opencl::Queue>(call->queue), kernel, 3, nullptr, all, block, 0, nullptr, nullptr),
      "clEnqueueNDRangeKernel");
}

kiln_status launch(DeviceCall *call, Image *image, EntryPoint *entry, const Grid &grid, const Arguments &arguments) {
  Bound buffers[kMaxBuffers];
  int count = 0;
  for (int i = 0; arguments.sizes[i] != 0; ++i) {
    if (!arguments.is_buffer[i]) continue;
    if (count == kMaxBuffers) return fail(KILN_STATUS_INTERNAL, "opencl: a kernel has too many buffers");
    if (kiln_status s = buffers[count++].bind(call, arguments.memory(i))) return s;
  }
  pthread_mutex_lock(&image->mutex);
  const kiln_status status = enqueue(call, *entry, grid, arguments, buffers);
  pthread_mutex_unlock(&image->mutex);
  if (status != KILN_STATUS_OK) return status;
  for (int i = 0; i < count; ++i)
    if (kiln_status s = buffers[i].finish(call)) return s;
  return KILN_STATUS_OK;
}

}  // namespace
}  // namespace kiln

extern "C" {

const halide_device_interface_t *halide_opencl_device_interface() { return kiln::device_interface(); }

int halide_opencl_initialize_kernels(void *user_context, void **, const char *source, int bytes) {
  return kiln::take_code(user_context, source, bytes, kiln::kLoader);
}

int halide_opencl_run(void *user_context, void *, const char *name, int blocks_x, int blocks_y, int blocks_z,
                      int threads_x, int threads_y, int threads_z, int shared_bytes, size_t sizes[], void *values[],
                      int8_t is_buffer[]) {
  const kiln::Grid grid = {{blocks_x, blocks_y, blocks_z}, {threads_x, threads_y, threads_z}, shared_bytes};
  return kiln::run_kernel(user_context, name, grid, {sizes, values, is_buffer}, kiln::launch);
}

void halide_opencl_finalize_kernels(void *, void *) {}
}
