// Driver API: modules, functions, launches.
#include <cstring>

#include "driver_state.h"
#include "parser.h"

using namespace kilnsim;

namespace {

// Of the options of cuModuleLoadDataEx the log of errors is written. A buffer's size travels in the pointer's place.
struct ErrorLog {
  char *buffer = nullptr;
  size_t size = 0;

  ErrorLog(unsigned count, const CUjit_option *options, void *const *values) {
    for (unsigned i = 0; i < count; ++i) {
      if (options[i] == CU_JIT_ERROR_LOG_BUFFER) buffer = static_cast<char *>(values[i]);
      if (options[i] == CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES) size = reinterpret_cast<uintptr_t>(values[i]);
    }
    write("");
  }
  void write(const std::string &text) const {
    if (buffer && size > 0) snprintf(buffer, size, "%s", text.c_str());
  }
};

bool is_binary(const void *image) {
  constexpr unsigned char elf[] = {0x7f, 'E', 'L', 'F'}, fat[] = {0x50, 0xed, 0x55, 0xba};
  return memcmp(image, elf, sizeof elf) == 0 || memcmp(image, fat, sizeof fat) == 0;
}

std::unique_ptr<Program> compile(const char *text, CUctx_st &context, const ErrorLog &log) {
  std::vector<uint64_t> placed;
  const auto place = [&](const Variable &v) {
    const uint64_t address = context.memory.allocate(v.initial.size());
    if (!address) throw std::bad_alloc();
    placed.push_back(address);
    memcpy(reinterpret_cast<void *>(address), v.initial.data(), v.initial.size());
    context.memory.find(address, 1)->constant = v.space == Space::constant;
    return address;
  };
  const auto refuse = [&](const Refused &e, CUresult code) {
    for (const uint64_t address : placed) context.memory.release(address);
    driver().last_fault = e.what();
    log.write(std::string(kDeviceName) + ", " + e.what());
    throw Failure{code};
  };
  try {
    return parse(text, place);
  } catch (const TargetTooNew &e) {
    refuse(e, CUDA_ERROR_NO_BINARY_FOR_GPU);
  } catch (const Refused &e) {
    refuse(e, CUDA_ERROR_INVALID_PTX);
  }
  return nullptr;
}

void load(CUmodule *module, const void *image, const ErrorLog &log) {
  Driver &d = driver();
  CUctx_st &context = current();
  require(module && image, CUDA_ERROR_INVALID_VALUE);
  const char *text = static_cast<const char *>(image);
  require(*text, CUDA_ERROR_INVALID_IMAGE);
  require(strnlen(text, 4) < 4 || !is_binary(image), CUDA_ERROR_NO_BINARY_FOR_GPU);
  auto made = std::make_unique<CUmod_st>(CUmod_st{&context, compile(text, context, log), {}});
  *module = made.get();
  d.modules.emplace(made.get(), std::move(made));
  ++d.counts.modules_loaded;
}

CUfunc_st &function_of(CUfunction function) {
  for (const auto &[handle, module] : driver().modules) {
    for (const auto &[name, f] : module->functions) {
      if (f.get() == function) return *f;
    }
  }
  throw Failure{CUDA_ERROR_INVALID_HANDLE};
}

void check_shape(const Kernel &k, const unsigned (&grid)[3], const unsigned (&block)[3]) {
  constexpr unsigned grid_most[] = {2147483647, 65535, 65535}, block_most[] = {1024, 1024, 64};
  for (int d = 0; d < 3; ++d) {
    require(grid[d] >= 1 && grid[d] <= grid_most[d], CUDA_ERROR_INVALID_VALUE);
    require(block[d] >= 1 && block[d] <= block_most[d], CUDA_ERROR_INVALID_VALUE);
    require(!k.required_threads[0] || block[d] == k.required_threads[d], CUDA_ERROR_INVALID_VALUE);
  }
  const uint64_t threads = uint64_t(block[0]) * block[1] * block[2];
  require(threads <= 1024 && threads <= k.max_threads, CUDA_ERROR_INVALID_VALUE);
}

}  // namespace

extern "C" {

CUresult cuModuleLoadData(CUmodule *module, const void *image) {
  return entry("cuModuleLoadData", [&](Driver &) { load(module, image, ErrorLog(0, nullptr, nullptr)); });
}

CUresult cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned count, CUjit_option *options, void **values) {
  return entry("cuModuleLoadDataEx", [&](Driver &) { load(module, image, ErrorLog(count, options, values)); });
}

CUresult cuModuleUnload(CUmodule module) {
  return entry("cuModuleUnload", [&](Driver &d) {
    CUctx_st &context = current();
    const auto found = d.modules.find(module);
    require(found != d.modules.end(), CUDA_ERROR_INVALID_HANDLE);
    finish_all(context);
    for (const auto &[name, v] : module->program->variables) context.memory.release(v.address);
    d.modules.erase(found);
  });
}

CUresult cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name) {
  return entry("cuModuleGetFunction", [&](Driver &d) {
    current();
    require(function && name, CUDA_ERROR_INVALID_VALUE);
    require(d.modules.count(module), CUDA_ERROR_INVALID_HANDLE);
    const auto kernel = module->program->kernels.find(name);
    require(kernel != module->program->kernels.end(), CUDA_ERROR_NOT_FOUND);
    auto &slot = module->functions[name];
    if (!slot) slot = std::make_unique<CUfunc_st>(CUfunc_st{module->context, kernel->second.get(), kSharedBytes});
    *function = slot.get();
  });
}

CUresult cuFuncSetAttribute(CUfunction function, CUfunction_attribute attribute, int value) {
  return entry("cuFuncSetAttribute", [&](Driver &) {
    current();
    CUfunc_st &f = function_of(function);
    if (attribute == CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT) {
      require(value >= -1 && value <= 100, CUDA_ERROR_INVALID_VALUE);
      return;
    }
    require(attribute == CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, CUDA_ERROR_INVALID_VALUE);
    require(value >= 0 && unsigned(value) + f.kernel->shared_bytes <= kSharedBytesOptIn, CUDA_ERROR_INVALID_VALUE);
    f.dynamic_shared_limit = unsigned(value);
  });
}

CUresult cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x,
                        unsigned block_y, unsigned block_z, unsigned shared_bytes, CUstream stream, void **parameters,
                        void **extra) {
  return entry("cuLaunchKernel", [&](Driver &d) {
    CUctx_st &context = current();
    const CUfunc_st &f = function_of(function);
    Launch launch{f.kernel, {grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared_bytes, {}};
    check_shape(*f.kernel, launch.grid, launch.block);
    require(shared_bytes <= f.dynamic_shared_limit && shared_bytes + f.kernel->shared_bytes <= kSharedBytesOptIn,
            CUDA_ERROR_INVALID_VALUE);
    require(!extra, CUDA_ERROR_NOT_SUPPORTED);
    require(parameters || f.kernel->parameters.empty(), CUDA_ERROR_INVALID_VALUE);
    launch.parameters.resize(f.kernel->parameter_bytes);
    for (size_t i = 0; i < f.kernel->parameters.size(); ++i) {
      const Parameter &p = f.kernel->parameters[i];
      require(parameters[i], CUDA_ERROR_INVALID_VALUE);
      memcpy(launch.parameters.data() + p.offset, parameters[i], p.bytes);
    }
    queue(stream).work.push_back([&context, &d, launch] { execute(launch, context.memory, d.execution); });
    ++d.counts.launches;
    d.counts.last_stream = stream;
    std::copy(launch.grid, launch.grid + 3, d.counts.last_grid);
    std::copy(launch.block, launch.block + 3, d.counts.last_block);
    d.counts.last_shared_bytes = shared_bytes;
  });
}
}
