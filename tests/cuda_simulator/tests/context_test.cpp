// Contexts, which are current for a thread, and what belongs to them.
#include <thread>

#include "fixture.h"

namespace {

class Contexts : public Simulated {};

TEST_F(Contexts, contexts_belong_to_threads) {
  CUcontext context = nullptr;
  EXPECT_EQ(cuCtxGetCurrent(&context), CUDA_SUCCESS);
  EXPECT_EQ(context, context_);
  std::thread([&] {
    CUdeviceptr a;
    CUcontext here = context_;
    EXPECT_EQ(cuCtxGetCurrent(&here), CUDA_SUCCESS);
    EXPECT_EQ(here, nullptr);
    EXPECT_EQ(cuMemAlloc_v2(&a, 4), CUDA_ERROR_INVALID_CONTEXT);
    EXPECT_EQ(cuCtxPushCurrent_v2(context_), CUDA_SUCCESS);
    EXPECT_EQ(cuMemAlloc_v2(&a, 4), CUDA_SUCCESS);
    EXPECT_EQ(cuCtxPopCurrent_v2(&here), CUDA_SUCCESS);
    EXPECT_EQ(here, context_);
    EXPECT_EQ(cuCtxPopCurrent_v2(nullptr), CUDA_ERROR_INVALID_CONTEXT);
  }).join();
  CUcontext again = nullptr;
  EXPECT_EQ(cuDevicePrimaryCtxRetain(&again, 0), CUDA_SUCCESS);
  EXPECT_EQ(again, context_);
  EXPECT_EQ(kilnsim_counters().contexts_made, 1u);
  EXPECT_EQ(cuDevicePrimaryCtxRelease_v2(0), CUDA_SUCCESS);
  EXPECT_EQ(cuCtxSynchronize(), CUDA_SUCCESS);
  EXPECT_EQ(cuDevicePrimaryCtxRelease_v2(0), CUDA_SUCCESS);
  EXPECT_EQ(cuCtxSynchronize(), CUDA_ERROR_CONTEXT_IS_DESTROYED);
  EXPECT_EQ(cuDevicePrimaryCtxRelease_v2(0), CUDA_ERROR_INVALID_CONTEXT);
  EXPECT_EQ(cuCtxSetCurrent(context_), CUDA_ERROR_INVALID_CONTEXT);
}

TEST_F(Contexts, a_context_of_the_callers_own) {
  const OnDevice<uint32_t> of_primary(1);
  CUcontext own = nullptr, now = nullptr;
  unsigned long long ids[2] = {};
  ASSERT_EQ(cuCtxCreate_v2(&own, 0, 0), CUDA_SUCCESS);
  EXPECT_NE(own, context_);
  EXPECT_EQ(cuCtxGetCurrent(&now), CUDA_SUCCESS);
  EXPECT_EQ(now, own);
  EXPECT_EQ(cuCtxGetId(own, &ids[0]), CUDA_SUCCESS);
  EXPECT_EQ(cuCtxGetId(context_, &ids[1]), CUDA_SUCCESS);
  EXPECT_NE(ids[0], ids[1]);
  CUdeviceptr a = 0;
  ASSERT_EQ(cuMemAlloc_v2(&a, 4), CUDA_SUCCESS);
  EXPECT_EQ(cuPointerGetAttribute(&now, CU_POINTER_ATTRIBUTE_CONTEXT, a), CUDA_SUCCESS);
  EXPECT_EQ(now, own);
  EXPECT_EQ(cuPointerGetAttribute(&now, CU_POINTER_ATTRIBUTE_CONTEXT, of_primary.address), CUDA_SUCCESS);
  EXPECT_EQ(now, context_);
  EXPECT_EQ(run(function(kernel_text(".param .u64 a", "ld.param.u64 %d0, [a];\nld.global.b32 %r0, [%d0];")), 1, 1, 0,
                CUdeviceptr(64)),
            CUDA_ERROR_ILLEGAL_ADDRESS);
  EXPECT_EQ(cuCtxDestroy_v2(own), CUDA_SUCCESS);
  EXPECT_EQ(cuCtxGetCurrent(&now), CUDA_SUCCESS);
  EXPECT_EQ(now, context_);
  EXPECT_EQ(cuCtxSynchronize(), CUDA_SUCCESS);  // the fault was the other context's
  EXPECT_EQ(cuCtxDestroy_v2(own), CUDA_ERROR_INVALID_CONTEXT);
  EXPECT_EQ(cuCtxGetId(own, &ids[0]), CUDA_ERROR_CONTEXT_IS_DESTROYED);
}

TEST_F(Contexts, pointers_tell_what_they_are) {
  const OnDevice<uint32_t> a(4);
  CUcontext context = nullptr;
  unsigned type = 0;
  int ordinal = -1;
  CUdeviceptr begin = 0;
  EXPECT_EQ(cuPointerGetAttribute(&context, CU_POINTER_ATTRIBUTE_CONTEXT, a.address), CUDA_SUCCESS);
  EXPECT_EQ(context, context_);
  EXPECT_EQ(cuPointerGetAttribute(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, a.address + 15), CUDA_SUCCESS);
  EXPECT_EQ(type, unsigned(CU_MEMORYTYPE_DEVICE));
  EXPECT_EQ(cuPointerGetAttribute(&ordinal, CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL, a.address), CUDA_SUCCESS);
  EXPECT_EQ(ordinal, 0);
  EXPECT_EQ(cuPointerGetAttribute(&begin, CU_POINTER_ATTRIBUTE_RANGE_START_ADDR, a.address + 7), CUDA_SUCCESS);
  EXPECT_EQ(begin, a.address);
  EXPECT_EQ(cuPointerGetAttribute(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, a.address + 16), CUDA_ERROR_INVALID_VALUE);
  uint32_t host;
  EXPECT_EQ(cuPointerGetAttribute(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, reinterpret_cast<CUdeviceptr>(&host)),
            CUDA_ERROR_INVALID_VALUE);
}

}  // namespace
