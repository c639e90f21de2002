// Accesses that a GPU refuses, and what is said about them.
#include "fixture.h"

namespace {

class MemoryFaults : public Simulated {
 protected:
  // One thread executes `access` with %d0 the parameter.
  CUresult access(const std::string &instruction, CUdeviceptr address, unsigned threads = 1) {
    const CUfunction f = function(kernel_text(".param .u64 a",
                                              "ld.param.u64 %d0, [a];\nmov.b32 %r0, 7;\nmov.b32 %r1, %r0;\n"
                                              "mov.b32 %r2, %r0;\nmov.b32 %r3, %r0;\nmov.b64 %d1, 0;\n" +
                                                  instruction));
    return run(f, 1, threads, 16, address);
  }
  void expect_fault(const std::string &part) {
    EXPECT_NE(std::string(kilnsim_last_fault()).find(part), std::string::npos) << kilnsim_last_fault();
  }
};

TEST_F(MemoryFaults, the_ends_of_an_allocation) {
  const OnDevice<uint32_t> a(10);
  EXPECT_EQ(access("st.global.b32 [%d0+36], %r0;", a.address), CUDA_SUCCESS);
  EXPECT_EQ(a.values()[9], 7u);
  EXPECT_EQ(access("st.global.b32 [%d0+40], %r0;", a.address), CUDA_ERROR_ILLEGAL_ADDRESS);
  expect_fault("byte 40 of an allocation of 40");
  expect_fault("kernel k, line 16: st.global.b32 of 4 bytes by thread (0, 0, 0) of block (0, 0, 0)");
}

TEST_F(MemoryFaults, before_an_allocation) {
  const OnDevice<uint32_t> a(10);
  EXPECT_EQ(access("ld.global.b32 %r0, [%d0+-4];", a.address), CUDA_ERROR_ILLEGAL_ADDRESS);
  expect_fault("4 bytes before an allocation of 40");
}

TEST_F(MemoryFaults, a_vector_that_begins_inside) {
  const OnDevice<uint32_t> a(6);
  EXPECT_EQ(access("ld.global.v4.b32 {%r0, %r1, %r2, %r3}, [%d0+16];", a.address), CUDA_ERROR_ILLEGAL_ADDRESS);
}

TEST_F(MemoryFaults, a_pointer_of_the_host) {
  std::vector<uint32_t> host(64);
  EXPECT_EQ(access("ld.global.b32 %r0, [%d0];", reinterpret_cast<CUdeviceptr>(host.data())),
            CUDA_ERROR_ILLEGAL_ADDRESS);
  expect_fault("near no allocation");
}

TEST_F(MemoryFaults, null) { EXPECT_EQ(access("st.b32 [%d0], %r0;", 0), CUDA_ERROR_ILLEGAL_ADDRESS); }

TEST_F(MemoryFaults, freed_memory) {
  CUdeviceptr freed;
  {
    const OnDevice<uint32_t> a(1000);
    freed = a.address;
  }
  EXPECT_EQ(access("ld.global.b32 %r0, [%d0];", freed), CUDA_ERROR_ILLEGAL_ADDRESS);
}

TEST_F(MemoryFaults, misaligned_vectors) {
  const OnDevice<uint32_t> a(16);
  EXPECT_EQ(access("ld.global.v2.b32 {%r0, %r1}, [%d0+8];", a.address), CUDA_SUCCESS);
  EXPECT_EQ(access("ld.global.v4.b32 {%r0, %r1, %r2, %r3}, [%d0+8];", a.address), CUDA_ERROR_MISALIGNED_ADDRESS);
}

TEST_F(MemoryFaults, misaligned_words) {
  const OnDevice<uint32_t> a(16);
  EXPECT_EQ(access("st.global.b64 [%d0+4], %d1;", a.address), CUDA_ERROR_MISALIGNED_ADDRESS);
}

TEST_F(MemoryFaults, shared_memory) {
  const OnDevice<uint32_t> a(1);
  EXPECT_EQ(access("st.shared.b32 [%d1+12], %r0;", a.address), CUDA_SUCCESS);
  EXPECT_EQ(access("st.shared.b32 [%d1+16], %r0;", a.address), CUDA_ERROR_ILLEGAL_ADDRESS);
  expect_fault("outside of shared memory, which has 16");
}

TEST_F(MemoryFaults, constant_memory) {
  const std::string text = kernel_text("", "mov.u64 %d0, table;\nmov.b32 %r0, 1;\nst.global.b32 [%d0], %r0;");
  const size_t at = text.find(".visible");
  EXPECT_EQ(run(function(text.substr(0, at) + ".const .align 4 .b32 table[2] = {1, 2};\n" + text.substr(at)), 1, 1, 0),
            CUDA_ERROR_ILLEGAL_ADDRESS);
}

TEST_F(MemoryFaults, the_non_coherent_cache_after_a_store) {
  const OnDevice<uint32_t> a(4), b(4);
  EXPECT_EQ(access("ld.global.nc.b32 %r1, [%d0];\nst.global.b32 [%d0], %r1;", a.address), CUDA_SUCCESS);
  EXPECT_EQ(access("st.global.b32 [%d0], %r0;\nld.global.b32 %r1, [%d0];", a.address), CUDA_SUCCESS);
  EXPECT_EQ(access("st.global.b32 [%d0], %r0;\nld.global.nc.b32 %r1, [%d0+4];", a.address), CUDA_SUCCESS);
  EXPECT_EQ(access("st.global.b16 [%d0], %r0;\nld.global.nc.b16 %r1, [%d0+2];", a.address), CUDA_SUCCESS);
  EXPECT_EQ(access("st.global.b32 [%d0+4], %r0;\nld.global.nc.v2.b32 {%r1, %r2}, [%d0];", b.address),
            CUDA_ERROR_LAUNCH_FAILED);
  expect_fault("non-coherent");
}

TEST_F(MemoryFaults, memory_that_nobody_wrote_is_nan) {
  const OnDevice<uint32_t> fresh(3);
  EXPECT_EQ(fresh.values(), std::vector<uint32_t>(3, 0xffffffff));
  const OnDevice<uint32_t> out(1);
  EXPECT_EQ(access("ld.shared.b32 %r5, [%d1];\nst.global.b32 [%d0], %r5;", out.address), CUDA_SUCCESS);
  EXPECT_EQ(out.values()[0], 0xffffffffu);
}

TEST_F(MemoryFaults, only_threads_whose_guard_holds_access) {
  const OnDevice<uint32_t> a(1);
  EXPECT_EQ(access("mov.u32 %r5, %tid.x;\nmul.wide.u32 %d2, %r5, 4;\nadd.s64 %d2, %d2, %d0;\nsetp.ne.s32 %p0, %r5, 0;\n"
                   "@!%p0 st.global.b32 [%d2], %r0;",
                   a.address, 64),
            CUDA_SUCCESS);
  EXPECT_EQ(a.values()[0], 7u);
  EXPECT_EQ(access("mov.u32 %r5, %tid.x;\nmul.wide.u32 %d2, %r5, 4;\nadd.s64 %d2, %d2, %d0;\nsetp.ne.s32 %p0, %r5, 0;\n"
                   "@%p0 st.global.b32 [%d2], %r0;",
                   a.address, 64),
            CUDA_ERROR_ILLEGAL_ADDRESS);
  expect_fault("thread (1, 0, 0)");
}

TEST_F(MemoryFaults, copies_of_the_host) {
  const OnDevice<uint32_t> a(4);
  uint32_t host[8] = {};
  EXPECT_EQ(cuMemcpyHtoD_v2(a.address, host, 20), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemcpyDtoH_v2(host, a.address + 4, 16), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemcpyHtoD_v2(reinterpret_cast<CUdeviceptr>(host), host, 4), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemsetD8_v2(a.address, 0, 17), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemFree_v2(a.address + 4), CUDA_ERROR_INVALID_VALUE);
  EXPECT_EQ(cuMemsetD8_v2(a.address + 4, 1, 8), CUDA_SUCCESS);
  EXPECT_EQ(a.values(), (std::vector<uint32_t>{0xffffffff, 0x01010101, 0x01010101, 0xffffffff}));
}

}  // namespace
