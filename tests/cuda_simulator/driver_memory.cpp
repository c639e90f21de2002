// Driver API: memory, copies, streams.
#include <cstring>

#include "driver_state.h"

using namespace kilnsim;

namespace {

void *device_bytes(CUctx_st &context, CUdeviceptr address, size_t bytes) {
  require(context.memory.find(address, bytes), CUDA_ERROR_INVALID_VALUE);
  return reinterpret_cast<void *>(address);
}

// Not waited for, as of the driver.
void copy_on_device(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream_st &stream) {
  if (bytes == 0) return;
  void *target = device_bytes(current(), to, bytes);
  const void *source = device_bytes(current(), from, bytes);
  stream.work.push_back([target, source, bytes] { memmove(target, source, bytes); });
}

template <class T>
void put(void *to, T value) {
  memcpy(to, &value, sizeof value);
}

CUstream_st &own(CUstream stream) {
  const auto found = driver().streams.find(stream);
  require(found != driver().streams.end(), CUDA_ERROR_INVALID_HANDLE);
  return *found->second;
}

}  // namespace

extern "C" {

CUresult cuMemAlloc_v2(CUdeviceptr *address, size_t bytes) {
  return entry("cuMemAlloc_v2", [&](Driver &d) {
    CUctx_st &context = current();
    require(address && bytes > 0, CUDA_ERROR_INVALID_VALUE);
    const CUdeviceptr made = context.memory.allocate(bytes);
    require(made, CUDA_ERROR_OUT_OF_MEMORY);
    *address = made;
    ++d.counts.allocations;
  });
}

CUresult cuMemFree_v2(CUdeviceptr address) {
  return entry("cuMemFree_v2", [&](Driver &d) {
    CUctx_st &context = current();
    if (!address) return;
    finish_all(context);
    require(context.memory.release(address), CUDA_ERROR_INVALID_VALUE);
    ++d.counts.frees;
  });
}

CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void *from, size_t bytes) {
  return entry("cuMemcpyHtoD_v2", [&](Driver &d) {
    CUctx_st &context = current();
    if (bytes == 0) return;
    require(from, CUDA_ERROR_INVALID_VALUE);
    finish(context.default_stream);
    memcpy(device_bytes(context, to, bytes), from, bytes);
    ++d.counts.copies_to_device;
  });
}

CUresult cuMemcpyDtoH_v2(void *to, CUdeviceptr from, size_t bytes) {
  return entry("cuMemcpyDtoH_v2", [&](Driver &d) {
    CUctx_st &context = current();
    if (bytes == 0) return;
    require(to, CUDA_ERROR_INVALID_VALUE);
    finish(context.default_stream);
    memcpy(to, device_bytes(context, from, bytes), bytes);
    ++d.counts.copies_to_host;
  });
}

// The source is pageable memory: it is read before the call returns.
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t bytes, CUstream stream) {
  return entry("cuMemcpyHtoDAsync_v2", [&](Driver &d) {
    CUctx_st &context = current();
    CUstream_st &q = queue(stream);
    if (bytes == 0) return;
    require(from, CUDA_ERROR_INVALID_VALUE);
    device_bytes(context, to, bytes);
    const auto *source = static_cast<const uint8_t *>(from);
    q.work.push_back([to, staged = std::vector<uint8_t>(source, source + bytes)] {
      memcpy(reinterpret_cast<void *>(to), staged.data(), staged.size());
    });
    ++d.counts.copies_to_device;
    d.counts.last_stream = stream;
  });
}

// To pageable memory: the call returns when the copy is done.
CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return entry("cuMemcpyDtoHAsync_v2", [&](Driver &d) {
    CUctx_st &context = current();
    CUstream_st &q = queue(stream);
    if (bytes == 0) return;
    require(to, CUDA_ERROR_INVALID_VALUE);
    device_bytes(context, from, bytes);
    finish(q);
    memcpy(to, reinterpret_cast<void *>(from), bytes);
    ++d.counts.copies_to_host;
    d.counts.last_stream = stream;
  });
}

CUresult cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  return entry("cuMemcpyDtoD_v2", [&](Driver &d) {
    copy_on_device(to, from, bytes, current().default_stream);
    ++d.counts.copies_on_device;
  });
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return entry("cuMemcpyDtoDAsync_v2", [&](Driver &d) {
    copy_on_device(to, from, bytes, queue(stream));
    ++d.counts.copies_on_device;
    d.counts.last_stream = stream;
  });
}

CUresult cuMemcpy3D_v2(const void *) {
  return entry("cuMemcpy3D_v2", [](Driver &) { throw Failure{CUDA_ERROR_NOT_SUPPORTED}; });
}

CUresult cuMemsetD8_v2(CUdeviceptr to, unsigned char value, size_t bytes) {
  return entry("cuMemsetD8_v2", [&](Driver &d) {
    CUctx_st &context = current();
    if (bytes == 0) return;
    finish(context.default_stream);
    memset(device_bytes(context, to, bytes), value, bytes);
    ++d.counts.sets;
  });
}

CUresult cuPointerGetAttribute(void *value, CUpointer_attribute attribute, CUdeviceptr address) {
  return entry("cuPointerGetAttribute", [&](Driver &d) {
    require(value && address, CUDA_ERROR_INVALID_VALUE);
    const Allocation *a = nullptr;
    CUcontext owner = nullptr;
    for (auto &[handle, context] : d.contexts) {
      a = context->memory.find(address, 1);
      owner = handle;
      if (a) break;
    }
    require(a, CUDA_ERROR_INVALID_VALUE);
    switch (attribute) {
      case CU_POINTER_ATTRIBUTE_CONTEXT:
        return put(value, owner);
      case CU_POINTER_ATTRIBUTE_MEMORY_TYPE:
        return put(value, unsigned(CU_MEMORYTYPE_DEVICE));
      case CU_POINTER_ATTRIBUTE_DEVICE_POINTER:
        return put(value, address);
      case CU_POINTER_ATTRIBUTE_IS_MANAGED:
        return put(value, 0u);
      case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL:
        return put(value, 0);
      case CU_POINTER_ATTRIBUTE_RANGE_START_ADDR:
        return put(value, CUdeviceptr(a->begin));
      case CU_POINTER_ATTRIBUTE_RANGE_SIZE:
        return put(value, size_t(a->end - a->begin));
      default:
        throw Failure{CUDA_ERROR_INVALID_VALUE};
    }
  });
}

CUresult cuStreamCreate(CUstream *stream, unsigned flags) {
  return entry("cuStreamCreate", [&](Driver &d) {
    CUctx_st &context = current();
    require(stream && flags <= CU_STREAM_NON_BLOCKING, CUDA_ERROR_INVALID_VALUE);
    auto made = std::make_unique<CUstream_st>(CUstream_st{&context, flags == CU_STREAM_DEFAULT, {}});
    *stream = made.get();
    d.streams.emplace(made.get(), std::move(made));
  });
}

CUresult cuStreamDestroy_v2(CUstream stream) {
  return entry("cuStreamDestroy_v2", [&](Driver &d) {
    CUstream_st &s = own(stream);
    finish(queue(stream));
    d.streams.erase(&s);
  });
}

CUresult cuStreamSynchronize(CUstream stream) {
  return entry("cuStreamSynchronize", [&](Driver &d) {
    ++d.counts.synchronizations;
    finish(queue(stream));
  });
}

CUresult cuStreamGetCtx(CUstream stream, CUcontext *context) {
  return entry("cuStreamGetCtx", [&](Driver &) {
    require(context, CUDA_ERROR_INVALID_VALUE);
    *context = reinterpret_cast<uintptr_t>(stream) <= 2 ? &current() : own(stream).context;
  });
}
}
