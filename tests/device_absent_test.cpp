// Without a driver, tensors of its device are refused, and everything else works; once it is there, so does it.
#include <cstdlib>

#include "support/array.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

constexpr char kNowhere[] = "/nowhere/driver.so";

kiln_status call_on(DLDeviceType type) {
  static float element = 1;
  const Layout layout = dense({1});
  DLTensor tensor = tensor_on(&element, layout);
  tensor.device = {type, 0};
  return kiln_tanh(nullptr, &tensor, &tensor);
}

TEST(DeviceAbsent, IsAnErrorThatNamesTheLibrary) {
  ASSERT_EQ(setenv("KILN_CUDA_DRIVER", kNowhere, 1), 0);
  ASSERT_EQ(setenv("KILN_OPENCL_DRIVER", kNowhere, 1), 0);
  for (int round = 0; round < 2; ++round) {
    EXPECT_TRUE(failed_with(KILN_STATUS_NO_DEVICE, {"cuda", kNowhere}, call_on(kDLCUDA)));
    EXPECT_TRUE(failed_with(KILN_STATUS_NO_DEVICE, {"opencl", kNowhere}, call_on(kDLOpenCL)));
    EXPECT_TRUE(succeeded(call_on(kDLCPU)));
  }
  kiln_kernel_info info;
  for (int64_t i = 0; kiln_kernel_at(i, &info) == KILN_STATUS_OK; ++i)
    EXPECT_TRUE(std::string(info.device) == "cpu" || info.runs_here == 0) << info.target;
}

// A library that is no driver.
TEST(DeviceAbsent, ALibraryThatLacksAnEntryPointIsNamed) {
  ASSERT_EQ(setenv("KILN_CUDA_DRIVER", "libm.so.6", 1), 0);
  EXPECT_TRUE(failed_with(KILN_STATUS_NO_DEVICE, {"cuda", "libm.so.6", "cuInit"}, call_on(kDLCUDA)));
  ASSERT_EQ(setenv("KILN_OPENCL_DRIVER", "libm.so.6", 1), 0);
  EXPECT_TRUE(failed_with(KILN_STATUS_NO_DEVICE, {"opencl", "libm.so.6", "clGetPlatformIDs"}, call_on(kDLOpenCL)));
}

// Runs last: the driver that is found stays open.
TEST(DeviceAbsent, IsLookedForAgain) {
  ASSERT_EQ(setenv("KILN_CUDA_DRIVER", KILN_SIMULATOR, 1), 0);
  EXPECT_TRUE(failed_with(KILN_STATUS_DEVICE_ERROR, {"input", "invalid argument"}, call_on(kDLCUDA)));
}

}  // namespace
}  // namespace kiln::test
