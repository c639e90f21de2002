#include "fixture.h"

#include <cstdlib>
#include <fstream>

namespace {

// For the test that gives the texts to ptxas.
void keep(const std::string &text) {
  const char *folder = getenv("KILNSIM_KEEP_PTX");
  if (!folder) return;
  std::ofstream(std::string(folder) + "/" + std::to_string(std::hash<std::string>()(text)) + ".ptx") << text;
}

CUresult load_with_log(CUmodule *module, const std::string &text, std::string &log) {
  log.assign(1000, '\0');
  CUjit_option options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
  void *values[] = {&log[0], reinterpret_cast<void *>(log.size())};
  const CUresult result = cuModuleLoadDataEx(module, text.c_str(), 2, options, values);
  log.resize(log.find('\0'));
  return result;
}

}  // namespace

void Simulated::SetUp() {
  kilnsim_reset();
  ASSERT_EQ(cuInit(0), CUDA_SUCCESS);
  ASSERT_EQ(cuDevicePrimaryCtxRetain(&context_, 0), CUDA_SUCCESS);
  ASSERT_EQ(cuCtxSetCurrent(context_), CUDA_SUCCESS);
}

CUmodule Simulated::load(const std::string &text) {
  CUmodule module = nullptr;
  std::string log;
  EXPECT_EQ(load_with_log(&module, text, log), CUDA_SUCCESS) << log << "\n" << text;
  keep(text);
  return module;
}

CUfunction Simulated::function(const std::string &text, const char *kernel) {
  const CUmodule module = load(text);
  CUfunction f = nullptr;
  if (module) {
    EXPECT_EQ(cuModuleGetFunction(&f, module, kernel), CUDA_SUCCESS);
  }
  return f;
}

std::string Simulated::refusal(const std::string &text) {
  CUmodule module = nullptr;
  std::string log;
  EXPECT_EQ(load_with_log(&module, text, log), CUDA_ERROR_INVALID_PTX) << text;
  EXPECT_EQ(module, nullptr);
  return log;
}

std::string kernel_text(const std::string &parameters, const std::string &body) {
  return ".version 7.0\n.target sm_80\n.address_size 64\n.visible .entry k(" + parameters +
         ")\n{\n.reg .pred %p<8>;\n.reg .b16 %h<8>;\n.reg .b32 %r<24>;\n.reg .b64 %d<24>;\n" + body + "\nret;\n}\n";
}
