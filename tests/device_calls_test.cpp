// Calls on devices: what is refused, in what words, and that the context serves afterwards; threads; contexts.
#include <atomic>
#include <kiln/kiln.hpp>
#include <thread>

#include "support/device_array.h"
#include "support/inputs.h"

namespace kiln::test {
namespace {

class DeviceCalls : public DeviceTest {
 protected:
  static constexpr int64_t kCount = 1000;

  void SetUp() override {
    DeviceTest::SetUp();
    if (!IsSkipped()) use_device(context_);
  }

  // A call that must succeed and be right, after what a test did.
  ::testing::AssertionResult serves() {
    DeviceArray both(device(), dense({kCount}), inputs_);
    DLTensor tensor = both.tensor();
    if (auto ok = succeeded(kiln_silu(context_, &tensor, &tensor)); !ok) return ok;
    return same_bits(silu_, both.fetch().get(), inputs_);
  }

  const std::vector<float> inputs_ = mixed_values(kCount, 1);
  const ElementwiseOperator &op_ = elementwise_operator("silu");
  const std::vector<float> silu_ = reference_bits(op_, KILN_ACCURACY_EXACT, inputs_);
  Context context_;
};
KILN_EACH_DEVICE(DeviceCalls);

TEST_P(DeviceCalls, MixedDevicesAreRefused) {
  ASSERT_STREQ(op_.name, "silu");
  DeviceArray there(device(), dense({kCount}), inputs_);
  Array here(dense({kCount}), inputs_);
  DLTensor device_tensor = there.tensor(), host_tensor = here.tensor();
  EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"output", "device of input", "cpu:0", GetParam() + ":0"},
                          kiln_silu(context_, &device_tensor, &host_tensor)));
  EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"output", "device of input", "cpu:0", GetParam() + ":0"},
                          kiln_silu(context_, &host_tensor, &device_tensor)));
  EXPECT_TRUE(same_bits(inputs_, here.get()));
  EXPECT_TRUE(same_bits(inputs_, there.fetch().get()));
  Array other(dense({kCount}));
  DLTensor output = other.tensor();
  const int64_t shape[] = {kCount};
  EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"weight", "device of output", GetParam() + ":0"},
                          kiln_layer_norm(context_, &host_tensor, shape, 1, &device_tensor, nullptr, 1e-5, &output)));
  EXPECT_TRUE(serves());
}

TEST_P(DeviceCalls, HostMemoryIsRefused) {
  std::vector<float> host = inputs_;
  const Layout layout = dense({kCount});
  DLTensor tensor = tensor_on(host.data(), layout);
  tensor.device = device().id();
  const bool cuda = GetParam() == "cuda";
  EXPECT_TRUE(failed_with(cuda ? KILN_STATUS_DEVICE_ERROR : KILN_STATUS_INVALID_ARGUMENT,
                          {"input", cuda ? "invalid argument" : "cl_mem"}, kiln_silu(context_, &tensor, &tensor)));
  EXPECT_TRUE(same_bits(inputs_, host));
  DeviceArray there(device(), layout, inputs_);
  DLTensor input = there.tensor();
  EXPECT_TRUE(failed_with(cuda ? KILN_STATUS_DEVICE_ERROR : KILN_STATUS_INVALID_ARGUMENT, {"output"},
                          kiln_silu(context_, &input, &tensor)));
  EXPECT_TRUE(same_bits(inputs_, host));
  EXPECT_TRUE(serves());
}

TEST_P(DeviceCalls, DevicesThatDoNotExistAreRefused) {
  DeviceArray there(device(), dense({kCount}), inputs_);
  for (int id : {-1, 1, 99}) {
    DLTensor tensor = there.tensor();
    tensor.device.device_id = id;
    EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"input", "device_id", std::to_string(id)},
                            kiln_silu(context_, &tensor, &tensor)));
  }
  EXPECT_TRUE(same_bits(inputs_, there.fetch().get()));
  EXPECT_TRUE(serves());
}

TEST_P(DeviceCalls, OverlapIsRefused) {
  DeviceArray there(device(), dense({kCount}), inputs_);
  const Layout part = dense({kCount - 1});
  DLTensor input = there.tensor(), output = input;
  input.shape = output.shape = const_cast<int64_t *>(part.shape.data());
  output.byte_offset += sizeof(float);
  EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"output", "overlaps"}, kiln_silu(context_, &input, &output)));
  EXPECT_TRUE(same_bits(inputs_, there.fetch().get()));
}

// Two parts of one piece of memory, one of which begins where no buffer of OpenCL's may.
TEST_P(DeviceCalls, PartsOfOneAllocation) {
  DeviceArray there(device(), dense({kCount}), inputs_);
  const Layout part = dense({kCount / 2 - 1});
  DLTensor input = there.tensor(), output = input;
  input.shape = output.shape = const_cast<int64_t *>(part.shape.data());
  input.byte_offset += sizeof(float);
  output.byte_offset += kCount / 2 * sizeof(float);
  ASSERT_TRUE(succeeded(kiln_silu(context_, &input, &output)));
  std::vector<float> expected = inputs_;
  std::copy(silu_.begin() + 1, silu_.begin() + kCount / 2, expected.begin() + kCount / 2);
  EXPECT_TRUE(same_bits(expected, there.fetch().get()));
}

// Memory that host and device share is the device's to compute, alone and beside the device's own.
TEST_P(DeviceCalls, ManagedMemoryIsComputedThere) {
  if (GetParam() != "cuda") GTEST_SKIP() << "DLPack has managed memory of CUDA alone";
  for (bool managed_input : {false, true})
    for (bool managed_output : {false, true}) {
      DeviceArray from(device(), dense({kCount}), inputs_), to(device(), dense({kCount}));
      DLTensor input = from.tensor(), output = to.tensor();
      if (managed_input) input.device.device_type = kDLCUDAManaged;
      if (managed_output) output.device.device_type = kDLCUDAManaged;
      ASSERT_TRUE(succeeded(kiln_silu(context_, &input, &output))) << managed_input << managed_output;
      EXPECT_TRUE(same_bits(silu_, to.fetch().get(), inputs_)) << managed_input << managed_output;
    }
}

// Pinned memory is the host's: not beside the device's own.
TEST_P(DeviceCalls, PinnedMemoryIsTheHosts) {
  DeviceArray there(device(), dense({kCount}), inputs_);
  Array here(dense({kCount}), inputs_);
  DLTensor device_tensor = there.tensor(), pinned = here.tensor();
  pinned.device.device_type = kDLCUDAHost;
  EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"output", "device of input"},
                          kiln_silu(context_, &device_tensor, &pinned)));
  EXPECT_TRUE(same_bits(inputs_, here.get()));
  EXPECT_TRUE(serves());
}

TEST_P(DeviceCalls, FromManyThreads) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      DeviceArray from(device(), dense({kCount}), inputs_, t), to(device(), dense({kCount}), 3 - t);
      for (int round = 0; round < 20; ++round) {
        DLTensor input = from.tensor(), output = to.tensor();
        wrong += kiln_silu(context_, &input, &output) != KILN_STATUS_OK;
        wrong += !same_bits(silu_, to.fetch().get());
        to.host().set(std::vector<float>(kCount, 0.0f));
      }
    });
  for (std::thread &thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_P(DeviceCalls, WithoutAContext) {
  DeviceArray both(device(), dense({kCount}), inputs_);
  DLTensor tensor = both.tensor();
  if (GetParam() == "opencl") {
    EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"context", "kiln_context_set_opencl_queue"},
                            kiln_silu(nullptr, &tensor, &tensor)));
    return;
  }
  device().wait();
  ASSERT_TRUE(succeeded(kiln_silu(nullptr, &tensor, &tensor)));
  EXPECT_TRUE(same_bits(silu_, both.fetch().get(), inputs_));
}

TEST_P(DeviceCalls, SettersWantAContext) {
  EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"context"}, kiln_context_set_cuda_stream(nullptr, nullptr)));
  EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"context"}, kiln_context_set_opencl_queue(nullptr, nullptr)));
}

// The C++ header's view of memory there.
TEST_P(DeviceCalls, ThroughTheCppHeader) {
  kiln::Context context;
  device().use_in(context.get());
  const devices::Memory memory(device(), kCount * sizeof(float));
  device().write(memory.data(), 0, inputs_.data(), kCount * sizeof(float));
  const View there = view(static_cast<float *>(memory.data()), {kCount}).on(device().id());
  kiln::silu(there, there, &context);
  std::vector<float> results(kCount);
  device().read(memory.data(), 0, results.data(), kCount * sizeof(float));
  EXPECT_TRUE(same_bits(silu_, results, inputs_));
}

}  // namespace
}  // namespace kiln::test
