// kiln_ptx_load FILE...: 0 where the simulator takes every file.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "simulator.h"

int main(int count, char **files) {
  CUcontext context;
  if (cuInit(0) || cuDevicePrimaryCtxRetain(&context, 0) || cuCtxSetCurrent(context)) return 2;
  int refused = 0;
  for (int i = 1; i < count; ++i) {
    std::ifstream in(files[i]);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    CUmodule module;
    if (in && cuModuleLoadData(&module, text.c_str()) == CUDA_SUCCESS) {
      std::printf("%s: taken\n", files[i]);
    } else {
      std::printf("%s: %s\n", files[i], in ? kilnsim_last_fault() : "cannot be read");
      ++refused;
    }
  }
  return refused ? 1 : 0;
}
