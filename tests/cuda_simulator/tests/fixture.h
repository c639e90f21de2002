// A fresh simulated device for each test, and short words for what tests do with it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "simulator.h"

class Simulated : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override { kilnsim_reset(); }

  // A module of a text that ptxas takes too (README.md says how that is tested), and the function of its kernel.
  CUmodule load(const std::string &text);
  CUfunction function(const std::string &text, const char *kernel = "k");
  // Expects that the text is refused with INVALID_PTX; what the error log says.
  std::string refusal(const std::string &text);

  // Launches and waits: the first error of the two.
  template <class... Arguments>
  CUresult run(CUfunction f, unsigned blocks, unsigned threads, unsigned shared_bytes, Arguments... arguments) {
    void *pointers[] = {&arguments..., nullptr};
    const CUresult launched = cuLaunchKernel(f, blocks, 1, 1, threads, 1, 1, shared_bytes, nullptr, pointers, nullptr);
    return launched == CUDA_SUCCESS ? cuCtxSynchronize() : launched;
  }

  CUcontext context_ = nullptr;
};

// Device memory that holds a vector.
template <class T>
class OnDevice {
 public:
  explicit OnDevice(const std::vector<T> &values) : OnDevice(values.size()) {
    EXPECT_EQ(cuMemcpyHtoD_v2(address, values.data(), values.size() * sizeof(T)), CUDA_SUCCESS);
  }
  explicit OnDevice(size_t count) : count_(count) {
    EXPECT_EQ(cuMemAlloc_v2(&address, count * sizeof(T)), CUDA_SUCCESS);
  }
  OnDevice(const OnDevice &) = delete;
  ~OnDevice() { cuMemFree_v2(address); }

  std::vector<T> values() const {
    std::vector<T> result(count_);
    EXPECT_EQ(cuMemcpyDtoH_v2(result.data(), address, count_ * sizeof(T)), CUDA_SUCCESS);
    return result;
  }

  CUdeviceptr address = 0;

 private:
  size_t count_;
};

// A module with one kernel k, of parameters such as ".param .u64 out", around a body that has these registers.
std::string kernel_text(const std::string &parameters, const std::string &body);
