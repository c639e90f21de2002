// The driver's entry points: the device, streams, launches, counts, injected failures.
#include "fixture.h"

namespace {

class DriverApi : public Simulated {
 protected:
  // Writes `value` to a[0].
  CUfunction writer() {
    return function(kernel_text(".param .u64 a, .param .u32 value",
                                "ld.param.u64 %d0, [a];\nld.param.u32 %r0, [value];\nst.global.b32 [%d0], %r0;"));
  }
  CUresult launch(CUfunction f, CUstream stream, CUdeviceptr a, uint32_t value) {
    void *parameters[] = {&a, &value};
    return cuLaunchKernel(f, 1, 1, 1, 1, 1, 1, 0, stream, parameters, nullptr);
  }
  // What device memory holds, waiting for nothing.
  static uint32_t peek(CUdeviceptr a) { return *reinterpret_cast<const uint32_t *>(a); }
};

TEST_F(DriverApi, the_device) {
  int count = 0, version = 0, value = 0;
  CUdevice device = -1;
  char name[64], shorter[4];
  EXPECT_EQ(cuDeviceGetCount(&count), CUDA_SUCCESS);
  EXPECT_EQ(count, 1);
  EXPECT_EQ(cuDriverGetVersion(&version), CUDA_SUCCESS);
  EXPECT_GE(version, 11000);
  EXPECT_EQ(cuDeviceGet(&device, 0), CUDA_SUCCESS);
  EXPECT_EQ(cuDeviceGet(&device, 1), CUDA_ERROR_INVALID_DEVICE);
  EXPECT_EQ(cuDeviceGet(&device, -1), CUDA_ERROR_INVALID_DEVICE);
  EXPECT_EQ(cuDeviceGetName(name, sizeof name, 0), CUDA_SUCCESS);
  EXPECT_STREQ(name, "PTX simulator (not a GPU)");
  EXPECT_EQ(cuDeviceGetName(shorter, sizeof shorter, 0), CUDA_SUCCESS);
  EXPECT_STREQ(shorter, "PTX");
  EXPECT_EQ(cuDeviceGetAttribute(&value, 75, 0), CUDA_SUCCESS);
  EXPECT_EQ(value, 8);
  EXPECT_EQ(cuDeviceGetAttribute(&value, 76, 0), CUDA_SUCCESS);
  EXPECT_EQ(value, 0);
  EXPECT_EQ(cuDeviceGetAttribute(&value, 75, 3), CUDA_ERROR_INVALID_DEVICE);
  size_t bytes = 0;
  EXPECT_EQ(cuDeviceTotalMem_v2(&bytes, 0), CUDA_SUCCESS);
  CUdeviceptr a;
  EXPECT_EQ(cuMemAlloc_v2(&a, bytes + 1), CUDA_ERROR_OUT_OF_MEMORY);
  EXPECT_EQ(cuMemAlloc_v2(&a, 0), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(DriverApi, names_of_errors) {
  const char *text = nullptr;
  EXPECT_EQ(cuGetErrorName(CUDA_ERROR_INVALID_PTX, &text), CUDA_SUCCESS);
  EXPECT_STREQ(text, "CUDA_ERROR_INVALID_PTX");
  EXPECT_EQ(cuGetErrorString(CUDA_ERROR_ILLEGAL_ADDRESS, &text), CUDA_SUCCESS);
  EXPECT_STREQ(text, "an illegal memory access was encountered");
  EXPECT_EQ(cuGetErrorName(CUresult(12345), &text), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(text, nullptr);
}

TEST_F(DriverApi, nothing_works_before_cuInit) {
  kilnsim_reset();
  int count;
  CUdeviceptr a;
  EXPECT_EQ(cuDeviceGetCount(&count), CUDA_ERROR_NOT_INITIALIZED);
  EXPECT_EQ(cuMemAlloc_v2(&a, 4), CUDA_ERROR_NOT_INITIALIZED);
  EXPECT_EQ(cuInit(1), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(DriverApi, copies_on_the_device_wait_in_their_stream) {
  CUstream stream;
  ASSERT_EQ(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING), CUDA_SUCCESS);
  const OnDevice<uint32_t> a(std::vector<uint32_t>{1, 2}), b(std::vector<uint32_t>{3, 4});
  EXPECT_EQ(launch(writer(), stream, a.address, 7), CUDA_SUCCESS);
  EXPECT_EQ(cuMemcpyDtoDAsync_v2(b.address, a.address, 8, stream), CUDA_SUCCESS);
  EXPECT_EQ(b.values(), (std::vector<uint32_t>{3, 4}));
  EXPECT_EQ(cuStreamSynchronize(stream), CUDA_SUCCESS);
  EXPECT_EQ(b.values(), (std::vector<uint32_t>{7, 2}));
  EXPECT_EQ(cuMemcpyDtoD_v2(b.address + 4, b.address, 4), CUDA_SUCCESS);
  EXPECT_EQ(b.values(), (std::vector<uint32_t>{7, 7}));
  EXPECT_EQ(cuMemcpyDtoD_v2(b.address + 4, a.address, 8), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(kilnsim_counters().copies_on_device, 2u);
}

TEST_F(DriverApi, work_waits_in_its_stream) {
  const CUfunction f = writer();
  CUstream ordered, apart;
  ASSERT_EQ(cuStreamCreate(&ordered, CU_STREAM_DEFAULT), CUDA_SUCCESS);
  ASSERT_EQ(cuStreamCreate(&apart, CU_STREAM_NON_BLOCKING), CUDA_SUCCESS);
  const OnDevice<uint32_t> a(std::vector<uint32_t>{1}), b(std::vector<uint32_t>{2});
  EXPECT_EQ(launch(f, ordered, a.address, 10), CUDA_SUCCESS);
  EXPECT_EQ(launch(f, apart, b.address, 20), CUDA_SUCCESS);
  EXPECT_EQ(kilnsim_counters().last_stream, apart);
  EXPECT_EQ(peek(a.address), 1u);
  EXPECT_EQ(b.values()[0], 2u);  // a copy on the default stream waits for the streams ordered with it
  EXPECT_EQ(peek(a.address), 10u);
  EXPECT_EQ(cuStreamSynchronize(apart), CUDA_SUCCESS);
  EXPECT_EQ(b.values()[0], 20u);
  CUcontext context = nullptr;
  EXPECT_EQ(cuStreamGetCtx(apart, &context), CUDA_SUCCESS);
  EXPECT_EQ(context, context_);
  EXPECT_EQ(cuStreamGetCtx(nullptr, &context), CUDA_SUCCESS);
  EXPECT_EQ(cuStreamDestroy_v2(apart), CUDA_SUCCESS);
  EXPECT_EQ(cuStreamSynchronize(apart), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(launch(f, apart, b.address, 20), CUDA_ERROR_INVALID_HANDLE);
}

TEST_F(DriverApi, asynchronous_copies_keep_their_order) {
  const CUfunction f = writer();
  CUstream stream;
  ASSERT_EQ(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING), CUDA_SUCCESS);
  const OnDevice<uint32_t> a(std::vector<uint32_t>{1, 2});
  uint32_t host[2] = {5, 6};
  EXPECT_EQ(launch(f, stream, a.address + 4, 77), CUDA_SUCCESS);
  EXPECT_EQ(cuMemcpyHtoDAsync_v2(a.address, host, 4, stream), CUDA_SUCCESS);
  host[0] = 99;  // pageable memory: read already
  EXPECT_EQ(peek(a.address), 1u);
  EXPECT_EQ(cuMemcpyDtoHAsync_v2(host, a.address, 8, stream), CUDA_SUCCESS);
  EXPECT_EQ(host[0], 5u);
  EXPECT_EQ(host[1], 77u);
}

TEST_F(DriverApi, a_fault_stays_until_the_context_goes) {
  const CUfunction f = writer();
  CUdeviceptr a = 0;
  EXPECT_EQ(launch(f, nullptr, 64, 1), CUDA_SUCCESS);  // the error comes later
  EXPECT_EQ(cuCtxSynchronize(), CUDA_ERROR_ILLEGAL_ADDRESS);
  EXPECT_EQ(cuMemAlloc_v2(&a, 4), CUDA_ERROR_ILLEGAL_ADDRESS);
  EXPECT_EQ(launch(f, nullptr, 64, 1), CUDA_ERROR_ILLEGAL_ADDRESS);
  EXPECT_EQ(cuDevicePrimaryCtxRelease_v2(0), CUDA_SUCCESS);
  EXPECT_EQ(cuDevicePrimaryCtxRetain(&context_, 0), CUDA_SUCCESS);
  EXPECT_EQ(cuCtxSetCurrent(context_), CUDA_SUCCESS);
  EXPECT_EQ(cuMemAlloc_v2(&a, 4), CUDA_SUCCESS);
  EXPECT_EQ(kilnsim_counters().contexts_made, 2u);
}

TEST_F(DriverApi, shapes_of_launches) {
  const CUfunction f = function(kernel_text("", "mov.u32 %r0, %tid.x;"));
  const auto shape = [&](unsigned gx, unsigned gy, unsigned bx, unsigned by, unsigned bz, unsigned shared) {
    return cuLaunchKernel(f, gx, gy, 1, bx, by, bz, shared, nullptr, nullptr, nullptr);
  };
  EXPECT_EQ(shape(1, 1, 1024, 1, 1, 0), CUDA_SUCCESS);
  EXPECT_EQ(shape(1, 1, 1025, 1, 1, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(shape(1, 1, 512, 3, 1, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(shape(1, 1, 1, 1, 65, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(shape(0, 1, 1, 1, 1, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(shape(1, 65536, 1, 1, 1, 0), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(shape(1, 1, 1, 1, 1, 48 << 10), CUDA_SUCCESS);
  EXPECT_EQ(shape(1, 1, 1, 1, 1, (48 << 10) + 4), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuFuncSetAttribute(f, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 64 << 10), CUDA_SUCCESS);
  EXPECT_EQ(shape(1, 1, 1, 1, 1, 64 << 10), CUDA_SUCCESS);
  EXPECT_EQ(cuFuncSetAttribute(f, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 164 << 10),
            CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuLaunchKernel(nullptr, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(kilnsim_counters().launches, 3u);
  EXPECT_EQ(kilnsim_counters().last_shared_bytes, 64u << 10);
  EXPECT_EQ(cuLaunchKernel(writer(), 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(DriverApi, counts) {
  const CUfunction f = writer();
  {
    const OnDevice<uint32_t> a(std::vector<uint32_t>{1, 2, 3});
    EXPECT_EQ(kilnsim_counters().live_bytes, 12u);
    EXPECT_EQ(run(f, 5, 7, 0, a.address, 3u), CUDA_SUCCESS);
    a.values();
    EXPECT_EQ(cuMemsetD8_v2(a.address, 0, 4), CUDA_SUCCESS);
  }
  const kilnsim_counts c = kilnsim_counters();
  EXPECT_EQ(c.modules_loaded, 1u);
  EXPECT_EQ(c.launches, 1u);
  EXPECT_EQ(c.allocations, 1u);
  EXPECT_EQ(c.frees, 1u);
  EXPECT_EQ(c.live_allocations, 0u);
  EXPECT_EQ(c.synchronizations, 1u);
  EXPECT_EQ(c.copies_to_device, 1u);
  EXPECT_EQ(c.copies_to_host, 1u);
  EXPECT_EQ(c.sets, 1u);
  EXPECT_EQ(c.last_grid[0], 5u);
  EXPECT_EQ(c.last_block[0], 7u);
  EXPECT_EQ(c.instructions, 5u * 7 * 4);  // two loads, a store, ret
}

TEST_F(DriverApi, failures_are_injected_once) {
  CUdeviceptr a = 0;
  kilnsim_fail_next("cuMemAlloc_v2", CUDA_ERROR_OUT_OF_MEMORY);
  EXPECT_EQ(cuCtxSynchronize(), CUDA_SUCCESS);
  EXPECT_EQ(cuMemAlloc_v2(&a, 4), CUDA_ERROR_OUT_OF_MEMORY);
  EXPECT_EQ(a, 0u);
  EXPECT_EQ(cuMemAlloc_v2(&a, 4), CUDA_SUCCESS);
  kilnsim_reset();
  kilnsim_fail_next("cuInit", CUDA_ERROR_NO_DEVICE);
  EXPECT_EQ(cuInit(0), CUDA_ERROR_NO_DEVICE);
}

}  // namespace
