// Texts that are refused, and with what words; what a module holds.
#include "fixture.h"

namespace {

class Modules : public Simulated {
 protected:
  std::string refused_body(const std::string &body) { return refusal(kernel_text(".param .u64 a", body)); }
};

// The body begins in line 10.
TEST_F(Modules, an_unknown_instruction_is_named_with_its_line) {
  const std::string log = refused_body("add.s32 %r0, %r1, %r2;\nex2.approx.ftz.f32 %r0, %r1;");
  EXPECT_EQ(log, "PTX simulator (not a GPU), line 11: instruction ex2.approx.ftz.f32 is not implemented");
  EXPECT_EQ(kilnsim_last_fault(), log.substr(log.find("line")));
}

struct RefusedCase {
  const char *body, *words;
};
class Refusals : public Modules, public testing::WithParamInterface<RefusedCase> {};

TEST_P(Refusals, say_what_is_wrong) {
  const std::string log = refused_body(GetParam().body);
  EXPECT_NE(log.find(GetParam().words), std::string::npos) << log;
  EXPECT_NE(log.find("line "), std::string::npos) << log;
}

INSTANTIATE_TEST_SUITE_P(
    all, Refusals,
    testing::Values(
        RefusedCase{"add.s32 %r0, %r1, %d2;", "add.s32 takes 32 bits, and %d2 is 64 bits"},
        RefusedCase{"add.s64 %d0, %r1, %d2;", "add.s64 takes 64 bits, and %r1 is 32 bits"},
        RefusedCase{"add.s32 %r0, %r1;", "expected ',', found ';'"},
        RefusedCase{"add.s32 %r0, %r1, %r2, %r3;", "expected ';', found ','"},
        RefusedCase{"add.s32 %r0, %r1, %r24;", "expected a register, found '%r24'"},
        RefusedCase{"add.s32 %tid.x, %r1, %r2;", "%tid.x cannot be written"},
        RefusedCase{"add.s32 %r0, %r1, 12x;", "'12x' is not a number"},
        RefusedCase{"add.f64 %d0, %d1, 0f3F800000;", "'0f3F800000' is not a literal of 64 bits"},
        RefusedCase{"add.f32 %r0, %r1, 1.5;", "decimal fraction '1.5' is not implemented"},
        RefusedCase{"@%r0 add.s32 %r0, %r1, %r2;", "a guard takes a predicate, and %r0 is 32 bits"},
        RefusedCase{"selp.b32 %r0, %r1, %r2, %r3;", "selp.b32 takes a predicate"},
        RefusedCase{"bra $nowhere;", "label $nowhere is not defined"},
        RefusedCase{"$x:\n$x:", "label $x is defined twice"},
        RefusedCase{".reg .b32 %r<3>;", "register %r is declared twice"},
        RefusedCase{".reg .b128 %q<3>;", "registers of type '.b128' are not implemented"},
        RefusedCase{"ld.global.b32 %r0, [a_name];", "'a_name' is not known"},
        RefusedCase{"ld.global.b32 %r0, [%d0-4];", "expected ']', found '-'"},
        RefusedCase{"ld.global.b32 %h0, [%d0];", "ld.global.b32 takes 32 bits, and %h0 is 16 bits"},
        RefusedCase{"ld.global.v4.b64 {%d0, %d1, %d2, %d3}, [%d0];", "instruction ld.global.v4.b64 is not implemented"},
        RefusedCase{"ld.global.weird.b32 %r0, [%d0];", "instruction ld.global.weird.b32 is not implemented"},
        RefusedCase{"ld.shared.nc.b32 %r0, [%d0];", "instruction ld.shared.nc.b32 is not implemented"},
        RefusedCase{"st.param.b32 [a], %r0;", "instruction st.param.b32 is not implemented"},
        RefusedCase{"cvt.s8.s32 %h0, %r0;", "into a wider register is not implemented"},
        RefusedCase{"atom.global.add.u32 %r0, [%d0], %r1;", "instruction atom.global.add.u32 is not implemented"},
        RefusedCase{"call f;", "instruction call is not implemented"},
        RefusedCase{"div.approx.f32 %r0, %r1, %r2;", "instruction div.approx.f32 is not implemented"},
        RefusedCase{"mov.u32 %r0, %clock;", "'%clock' is not known"},
        RefusedCase{".unknown;", "'.unknown' is not implemented in a kernel"},
        RefusedCase{"add.s32 %r0, %r1, %r2; #", "unexpected character '#'"},
        RefusedCase{"/* open", "a comment without an end"}, RefusedCase{"{", "found 'end of text'"}));

TEST_F(Modules, headers) {
  EXPECT_NE(refusal("kernel").find("line 1: expected '.version', found 'kernel'"), std::string::npos);
  EXPECT_NE(refusal(".version 7.0\n.target sm_80\n.address_size 32\n").find("line 3"), std::string::npos);
  EXPECT_NE(refusal(".version 7.0\n.target sm_80\n.func f() { ret; }").find("'.func' is not implemented"),
            std::string::npos);
}

TEST_F(Modules, images_for_other_devices) {
  CUmodule module;
  EXPECT_EQ(cuModuleLoadData(&module, ".version 8.0\n.target sm_90\n.address_size 64\n"), CUDA_ERROR_NO_BINARY_FOR_GPU);
  EXPECT_EQ(cuModuleLoadData(&module,
                             "\x7f"
                             "ELF..."),
            CUDA_ERROR_NO_BINARY_FOR_GPU);
  EXPECT_EQ(cuModuleLoadData(&module, ""), CUDA_ERROR_INVALID_IMAGE);
  EXPECT_EQ(cuModuleLoadData(&module, nullptr), CUDA_ERROR_INVALID_VALUE);
}

TEST_F(Modules, a_refused_module_leaves_no_memory) {
  const auto before = kilnsim_counters();
  refusal(".version 7.0\n.target sm_80\n.global .align 4 .b32 x[10];\n.oops");
  EXPECT_EQ(kilnsim_counters().live_bytes, before.live_bytes);
  EXPECT_EQ(kilnsim_counters().modules_loaded, before.modules_loaded);
}

TEST_F(Modules, the_log_is_cut_to_its_buffer) {
  char log[8] = "xxxxxxx";
  CUjit_option options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
  void *values[] = {log, reinterpret_cast<void *>(size_t(5))};
  CUmodule module;
  EXPECT_EQ(cuModuleLoadDataEx(&module, "nonsense", 2, options, values), CUDA_ERROR_INVALID_PTX);
  EXPECT_STREQ(log, "PTX ");
  EXPECT_EQ(log[5], 'x');
}

TEST_F(Modules, variables_and_several_kernels) {
  const std::string text =
      ".version 7.0\n.target sm_80\n.address_size 64\n"
      ".global .align 4 .u32 total = 40;\n.const .align 8 .b64 table[2] = {0x100000002, -1};\n"
      ".visible .entry add(.param .u32 amount)\n{\n.reg .b32 %r<3>;\nld.param.u32 %r0, [amount];\nld.global.u32 %r1, "
      "[total];\n"
      "add.u32 %r1, %r1, %r0;\nst.global.u32 [total], %r1;\nret;\n}\n"
      ".visible .entry read(.param .u64 .ptr .global .align 4 to)\n.maxntid 32, 1, 1\n{\n.reg .b32 %r<3>;\n.reg .b64 "
      "%d<3>;\n"
      "ld.param.u64 %d0, [to];\ncvta.to.global.u64 %d0, %d0;\nld.global.u32 %r1, [total];\nst.global.u32 [%d0], %r1;\n"
      "ld.const.u32 %r1, [table+4];\nst.global.u32 [%d0+4], %r1;\nld.const.s32 %r2, [table+12];\nst.global.u32 "
      "[%d0+8], %r2;\nret;\n}\n";
  const CUmodule module = load(text);
  CUfunction add, read;
  ASSERT_EQ(cuModuleGetFunction(&add, module, "add"), CUDA_SUCCESS);
  ASSERT_EQ(cuModuleGetFunction(&read, module, "read"), CUDA_SUCCESS);
  const OnDevice<uint32_t> out(3);
  EXPECT_EQ(run(add, 1, 1, 0, 2u), CUDA_SUCCESS);
  EXPECT_EQ(run(read, 1, 1, 0, out.address), CUDA_SUCCESS) << kilnsim_last_fault();
  EXPECT_EQ(out.values(), (std::vector<uint32_t>{42, 1, 0xffffffff}));
  EXPECT_EQ(run(read, 1, 33, 0, out.address), CUDA_ERROR_INVALID_VALUE);  // .maxntid
  CUfunction none;
  EXPECT_EQ(cuModuleGetFunction(&none, module, "none"), CUDA_ERROR_NOT_FOUND);
  const uint64_t live = kilnsim_counters().live_allocations;
  EXPECT_EQ(cuModuleUnload(module), CUDA_SUCCESS);
  EXPECT_EQ(kilnsim_counters().live_allocations, live - 2);
  EXPECT_EQ(cuModuleUnload(module), CUDA_ERROR_INVALID_HANDLE);
  EXPECT_EQ(run(add, 1, 1, 0, 2u), CUDA_ERROR_INVALID_HANDLE);
}

}  // namespace
