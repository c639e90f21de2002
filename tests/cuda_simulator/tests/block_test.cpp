// What threads of a block do together: branches that part, barriers, shared and local memory, shuffles, votes.
#include <numeric>

#include "fixture.h"

namespace {

class Blocks : public Simulated {
 protected:
  // %r0: the thread's number in the block, %d0: where the grid's thread writes its 32-bit result, %d1: parameter b.
  CUfunction grid_function(const std::string &body, const std::string &before = "") {
    return function(kernel_text(
        ".param .u64 a, .param .u64 b",
        before +
            "mov.u32 %r0, %tid.x;\nmov.u32 %r20, %ctaid.x;\nmov.u32 %r21, %ntid.x;\nmad.lo.s32 %r22, %r20, %r21, %r0;\n"
            "ld.param.u64 %d0, [a];\nld.param.u64 %d1, [b];\nmul.wide.u32 %d20, %r22, 4;\nadd.s64 %d0, %d0, %d20;\n" +
            body));
  }
};

// Thread t adds up t, t - 1, ... 1 in a loop that each leaves at another time, then all go on.
TEST_F(Blocks, loops_of_different_lengths) {
  const CUfunction f = grid_function(
      "mov.b32 %r1, 0;\nmov.b32 %r2, %r0;\n$loop:\nsetp.eq.s32 %p0, %r2, 0;\n@%p0 bra $done;\nadd.s32 %r1, %r1, %r2;\n"
      "add.s32 %r2, %r2, -1;\nbra.uni $loop;\n$done:\nadd.s32 %r1, %r1, 1000;\nst.global.b32 [%d0], %r1;");
  const OnDevice<uint32_t> out(200);
  ASSERT_EQ(run(f, 2, 100, 0, out.address, out.address), CUDA_SUCCESS) << kilnsim_last_fault();
  const auto got = out.values();
  for (uint32_t i = 0; i < 200; ++i) EXPECT_EQ(got[i], 1000 + i % 100 * (i % 100 + 1) / 2);
}

// After an if, the two sides meet again: the vote needs them together.
TEST_F(Blocks, branches_meet_again) {
  const CUfunction f = grid_function(
      "and.b32 %r1, %r0, 1;\nsetp.eq.s32 %p0, %r1, 0;\n@%p0 bra $even;\nmov.b32 %r2, 5;\nbra.uni "
      "$join;\n$even:\nmov.b32 %r2, 6;\n"
      "$join:\nsetp.eq.s32 %p1, %r2, 5;\nvote.sync.ballot.b32 %r3, %p1, -1;\nst.global.b32 [%d0], %r3;");
  const OnDevice<uint32_t> out(32);
  ASSERT_EQ(run(f, 1, 32, 0, out.address, out.address), CUDA_SUCCESS) << kilnsim_last_fault();
  EXPECT_EQ(out.values(), std::vector<uint32_t>(32, 0xaaaaaaaa));
}

// Sums of each block's values by halving in shared memory.
const char kReduction[] =
    "mul.wide.u32 %d2, %r22, 4;\nadd.s64 %d2, %d1, %d2;\nld.global.nc.b32 %r1, [%d2];\nmov.u64 %d3, part;\n"
    "mul.wide.u32 %d4, %r0, 4;\nadd.s64 %d3, %d3, %d4;\nst.shared.b32 [%d3], %r1;\nbar.sync 0;\nmov.b32 %r2, 64;\n"
    "$loop:\nsetp.ge.u32 %p0, %r0, %r2;\n@%p0 bra $skip;\nmul.wide.u32 %d5, %r2, 4;\nadd.s64 %d5, %d3, %d5;\n"
    "ld.shared.b32 %r3, [%d5];\nld.shared.b32 %r1, [%d3];\nadd.rn.f32 %r1, %r1, %r3;\nst.shared.b32 [%d3], %r1;\n"
    "$skip:\nbar.sync 0;\nshr.u32 %r2, %r2, 1;\nsetp.ne.s32 %p1, %r2, 0;\n@%p1 bra $loop;\nld.shared.b32 %r1, [part];\n"
    "st.global.b32 [%d0], %r1;";

TEST_F(Blocks, reduction_in_shared_memory) {
  const CUfunction f = grid_function(kReduction, ".shared .align 4 .b8 part[512];\n");
  std::vector<float> values(3 * 128);
  for (size_t i = 0; i < values.size(); ++i) values[i] = 1.0f / float(i + 1);
  const OnDevice<float> in(values);
  for (const int descending : {0, 1}) {
    kilnsim_set_descending(descending);
    const OnDevice<float> out(values.size());
    ASSERT_EQ(run(f, 3, 128, 0, out.address, in.address), CUDA_SUCCESS) << kilnsim_last_fault();
    const auto got = out.values();
    for (int b = 0; b < 3; ++b) {
      std::vector<float> part(values.begin() + 128 * b, values.begin() + 128 * (b + 1));
      for (size_t half = 64; half > 0; half /= 2) {
        for (size_t i = 0; i < half; ++i) part[i] += part[i + half];
      }
      for (int t = 0; t < 128; ++t) EXPECT_EQ(got[128 * b + t], part[0]);
    }
  }
}

// Without its barriers the same sum depends on which warp comes first.
TEST_F(Blocks, a_missing_barrier_is_a_race) {
  const std::string barrier = "bar.sync 0;\n";
  for (const bool first : {true, false}) {
    const OnDevice<float> in(std::vector<float>(128, 1.0f));
    std::string racy = kReduction;
    racy.erase(first ? racy.find(barrier) : racy.rfind(barrier), barrier.size());
    const CUfunction f = grid_function(racy, ".shared .align 4 .b8 part[512];\n");
    EXPECT_EQ(run(f, 1, 32, 0, in.address, in.address), CUDA_SUCCESS) << kilnsim_last_fault();  // one warp
    const OnDevice<float> out(128);
    EXPECT_EQ(run(f, 1, 128, 0, out.address, in.address), CUDA_ERROR_LAUNCH_FAILED);
    EXPECT_NE(std::string(kilnsim_last_fault()).find("since the last barrier: a race"), std::string::npos)
        << kilnsim_last_fault();
    SetUp();  // a context without a fault
  }
}

TEST_F(Blocks, warps_may_write_the_same_value_and_their_own_bytes) {
  const CUfunction f = grid_function(
      "mov.u64 %d2, part;\nmov.b32 %r1, 5;\nst.shared.b32 [%d2], %r1;\ncvt.u64.u32 %d3, %r0;\nadd.s64 %d3, %d3, %d2;\n"
      "cvt.u16.u32 %h0, %r0;\nst.shared.u8 [%d3+4], %h0;\nld.shared.u8 %r2, [%d3+4];\nst.global.b32 [%d0], %r2;",
      ".shared .align 4 .b8 part[132];\n");
  const OnDevice<uint32_t> out(128);
  ASSERT_EQ(run(f, 1, 128, 0, out.address, out.address), CUDA_SUCCESS) << kilnsim_last_fault();
  EXPECT_EQ(out.values()[100], 100u);
}

TEST_F(Blocks, dynamic_shared_memory_from_address_zero) {
  const CUfunction f = grid_function(
      "mul.wide.u32 %d2, %r0, 4;\nst.shared.b32 [%d2], %r0;\nbar.sync 0;\nxor.b32 %r1, %r0, 63;\n"
      "mul.wide.u32 %d2, %r1, 4;\nld.shared.b32 %r1, [%d2];\nst.global.b32 [%d0], %r1;");
  const OnDevice<uint32_t> out(64);
  ASSERT_EQ(run(f, 1, 64, 256, out.address, out.address), CUDA_SUCCESS) << kilnsim_last_fault();
  const auto got = out.values();
  for (uint32_t i = 0; i < 64; ++i) EXPECT_EQ(got[i], 63 - i);
}

TEST_F(Blocks, local_memory_is_each_threads_own) {
  const CUfunction f = grid_function(
      "mov.u64 %d2, stack;\ncvta.local.u64 %d3, %d2;\nst.local.b32 [%d2+4], %r0;\nbar.sync 0;\nld.b32 %r1, [%d3+4];\n"
      "st.global.b32 [%d0], %r1;",
      ".local .align 8 .b8 stack[16];\n");
  const OnDevice<uint32_t> out(96);
  ASSERT_EQ(run(f, 1, 96, 0, out.address, out.address), CUDA_SUCCESS) << kilnsim_last_fault();
  const auto got = out.values();
  for (uint32_t i = 0; i < 96; ++i) EXPECT_EQ(got[i], i);
}

TEST_F(Blocks, vectors_and_parts) {
  const CUfunction f = grid_function(
      "mul.wide.u32 %d2, %r0, 16;\nadd.s64 %d2, %d1, %d2;\nld.global.v4.b32 {%r1, %r2, %r3, %r4}, [%d2];\n"
      "mov.b64 %d3, {%r1, %r2};\nmov.b64 {%r5, _}, %d3;\n{ .reg .b32 tmp; mov.b64 {tmp, %r6}, %d3; }\nmov.b32 {%h0, "
      "%h1}, %r3;\n"
      "mov.b32 %r7, {%h1, %h0};\nst.global.v4.b32 [%d2], {%r6, %r5, %r7, %r4};");
  std::vector<uint32_t> values(4 * 32);
  std::iota(values.begin(), values.end(), 0x10000u);
  const OnDevice<uint32_t> data(values), unused(32);
  ASSERT_EQ(run(f, 1, 32, 0, unused.address, data.address), CUDA_SUCCESS) << kilnsim_last_fault();
  const auto got = data.values();
  for (size_t i = 0; i < values.size(); i += 4) {
    const uint32_t swapped = values[i + 2] >> 16 | values[i + 2] << 16;
    EXPECT_EQ(std::vector<uint32_t>(&got[i], &got[i] + 4),
              (std::vector<uint32_t>{values[i + 1], values[i], swapped, values[i + 3]}));
  }
}

TEST_F(Blocks, loads_extend_to_the_register) {
  const CUfunction f = grid_function(
      "ld.global.s8 %r1, [%d1];\nld.global.u8 %r2, [%d1];\nld.global.s16 %d2, [%d1];\n"
      "cvt.u32.u64 %r3, %d2;\nadd.s32 %r1, %r1, %r2;\nadd.s32 %r1, %r1, %r3;\nst.global.b32 [%d0], %r1;");
  const OnDevice<uint32_t> in(std::vector<uint32_t>{0xfffe}), out(1);
  ASSERT_EQ(run(f, 1, 1, 0, out.address, in.address), CUDA_SUCCESS) << kilnsim_last_fault();
  EXPECT_EQ(out.values()[0], uint32_t(-2 + 254 - 2));
}

struct ShuffleCase {
  const char *instruction;
  uint32_t (*source)(uint32_t lane);
};
class Shuffles : public Blocks, public testing::WithParamInterface<ShuffleCase> {};

TEST_P(Shuffles, take_the_value_of_the_lane) {
  const CUfunction f = grid_function("add.s32 %r1, %r0, 500;\n" + std::string(GetParam().instruction) +
                                     ";\nselp.b32 %r3, 1000, 0, %p0;\n"
                                     "add.s32 %r2, %r2, %r3;\nst.global.b32 [%d0], %r2;");
  const OnDevice<uint32_t> out(32);
  ASSERT_EQ(run(f, 1, 32, 0, out.address, out.address), CUDA_SUCCESS) << kilnsim_last_fault();
  const auto got = out.values();
  for (uint32_t l = 0; l < 32; ++l) {
    const uint32_t source = GetParam().source(l);  // 99: out of bounds, the lane's own value
    EXPECT_EQ(got[l], source == 99 ? 500 + l : 1500 + source) << "lane " << l;
  }
}

INSTANTIATE_TEST_SUITE_P(
    all, Shuffles,
    testing::Values(
        ShuffleCase{"shfl.sync.bfly.b32 %r2|%p0, %r1, 5, 31, -1", [](uint32_t l) { return l ^ 5; }},
        ShuffleCase{"shfl.sync.down.b32 %r2|%p0, %r1, 4, 31, -1", [](uint32_t l) { return l + 4 < 32 ? l + 4 : 99; }},
        ShuffleCase{"shfl.sync.up.b32 %r2|%p0, %r1, 3, 0, -1", [](uint32_t l) { return l >= 3 ? l - 3 : 99; }},
        ShuffleCase{"shfl.sync.idx.b32 %r2|%p0, %r1, 9, 31, -1", [](uint32_t) { return 9u; }},
        // Groups of 8: segment mask 24 in bits 8 to 12.
        ShuffleCase{"shfl.sync.down.b32 %r2|%p0, %r1, 1, 0x181f, -1",
                    [](uint32_t l) { return l % 8 < 7 ? l + 1 : 99; }},
        ShuffleCase{"shfl.sync.idx.b32 %r2|%p0, %r1, 2, 0x181f, -1", [](uint32_t l) { return l / 8 * 8 + 2; }}));

TEST_F(Blocks, a_shuffle_that_not_all_reach) {
  const CUfunction f = grid_function("setp.lt.u32 %p1, %r0, 7;\n@%p1 shfl.sync.bfly.b32 %r2|%p0, %r0, 1, 31, -1;");
  EXPECT_EQ(run(f, 1, 32, 0, CUdeviceptr(0), CUdeviceptr(0)), CUDA_ERROR_LAUNCH_FAILED);
}

TEST_F(Blocks, a_vote_that_not_all_reach) {
  const CUfunction f = grid_function("setp.lt.u32 %p1, %r0, 8;\n@%p1 vote.sync.any.pred %p0, %p1, -1;");
  EXPECT_EQ(run(f, 1, 32, 0, CUdeviceptr(0), CUdeviceptr(0)), CUDA_ERROR_LAUNCH_FAILED);
  EXPECT_NE(std::string(kilnsim_last_fault()).find("do not arrive together"), std::string::npos)
      << kilnsim_last_fault();
}

TEST_F(Blocks, a_barrier_that_a_warp_does_not_reach) {
  const CUfunction f = grid_function("setp.lt.u32 %p1, %r0, 32;\n@%p1 bra $out;\nbar.sync 0;\n$out:");
  EXPECT_EQ(run(f, 1, 64, 0, CUdeviceptr(0), CUdeviceptr(0)), CUDA_ERROR_LAUNCH_FAILED);
  EXPECT_NE(std::string(kilnsim_last_fault()).find("wait at this barrier"), std::string::npos) << kilnsim_last_fault();
}

TEST_F(Blocks, a_barrier_that_half_a_warp_does_not_reach) {
  const CUfunction f = grid_function("setp.lt.u32 %p1, %r0, 16;\n@%p1 bra $out;\nbar.sync 0;\n$out:");
  EXPECT_EQ(run(f, 1, 32, 0, CUdeviceptr(0), CUdeviceptr(0)), CUDA_ERROR_LAUNCH_FAILED);
}

TEST_F(Blocks, an_endless_loop_ends) {
  kilnsim_set_instruction_limit(10000);
  const CUfunction f = grid_function("$loop:\nbra.uni $loop;");
  EXPECT_EQ(run(f, 1, 32, 0, CUdeviceptr(0), CUdeviceptr(0)), CUDA_ERROR_LAUNCH_TIMEOUT);
}

TEST_F(Blocks, special_registers_in_three_dimensions) {
  std::string body = "mov.u32 %r0, %ctaid.z;\n";
  for (const char *step :
       {"%nctaid.y, %ctaid.y", "%nctaid.x, %ctaid.x", "%ntid.z, %tid.z", "%ntid.y, %tid.y", "%ntid.x, %tid.x"}) {
    const std::string size = std::string(step).substr(0, std::string(step).find(',')),
                      at = std::string(step).substr(size.size() + 2);
    body += "mov.u32 %r1, " + size + ";\nmov.u32 %r2, " + at + ";\nmad.lo.s32 %r0, %r0, %r1, %r2;\n";
  }
  const CUfunction f =
      function(kernel_text(".param .u64 a", body + "ld.param.u64 %d0, [a];\nmul.wide.u32 %d1, %r0, 4;\n"
                                                   "add.s64 %d0, %d0, %d1;\nst.global.b32 [%d0], %r0;"));
  const size_t count = 2 * 3 * 4 * 5 * 3 * 2;
  const OnDevice<uint32_t> out(count);
  CUdeviceptr address = out.address;
  void *parameters[] = {&address};
  ASSERT_EQ(cuLaunchKernel(f, 2, 3, 4, 5, 3, 2, 0, nullptr, parameters, nullptr), CUDA_SUCCESS);
  const auto got = out.values();
  for (uint32_t i = 0; i < count; ++i) EXPECT_EQ(got[i], i);
}

}  // namespace
