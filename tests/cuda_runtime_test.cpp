// What a call does with the CUDA driver, counted by the simulator: launches and nothing else, on the app's stream and
// in its context; and what it says when the driver refuses.
#include <dlfcn.h>
#include <simulator.h>

#include <cstdlib>

#include "support/device_array.h"
#include "support/expectations.h"
#include "support/inputs.h"

namespace kiln::test {
namespace {

// Entry points of the library that is open already.
template <class Function>
Function *entry(const char *name) {
  static void *const library = dlopen(std::getenv("KILN_CUDA_DRIVER"), RTLD_NOW);
  return reinterpret_cast<Function *>(dlsym(library, name));
}
#define DRIVER(name) (*entry<decltype(name)>(#name))

class CudaRuntime : public ::testing::Test, protected OnDevice {
 protected:
  static constexpr int64_t kCount = 1 << 12;

  void SetUp() override {
    const char *driver = std::getenv("KILN_CUDA_DRIVER");
    if (!driver || !dlsym(dlopen(driver, RTLD_NOW), "kilnsim_counters"))
      GTEST_SKIP() << "KILN_CUDA_DRIVER is no simulator";
    open("cuda");
    use_device(context_);
  }

  kiln_status call(DeviceArray &array) {
    DLTensor tensor = array.tensor();
    return kiln_tanh(context_, &tensor, &tensor);
  }

  const std::vector<float> inputs_ = mixed_values(kCount, 1);
  Context context_;
};

// Calls that go before have made working memory and loaded images.
void expect_launches_alone(const kilnsim_counts &before, const kilnsim_counts &after, uint64_t launches) {
  EXPECT_EQ(after.launches - before.launches, launches);
  EXPECT_EQ(after.allocations, before.allocations);
  EXPECT_EQ(after.frees, before.frees);
  EXPECT_EQ(after.synchronizations, before.synchronizations);
  EXPECT_EQ(after.modules_loaded, before.modules_loaded);
  EXPECT_EQ(after.contexts_made, before.contexts_made);
  EXPECT_EQ(after.copies_to_device, before.copies_to_device);
  EXPECT_EQ(after.copies_to_host, before.copies_to_host);
  EXPECT_EQ(after.copies_on_device, before.copies_on_device);
}

TEST_F(CudaRuntime, SteadyCallsLaunchAndDoNothingElse) {
  DeviceArray aligned(device(), dense({kCount}), inputs_), odd(device(), dense({kCount}), inputs_, 1),
      strided(device(), stepped({kCount}, 2), inputs_);
  DeviceArray *const arrays[] = {&aligned, &odd, &strided};
  DLTensor tensors[3];
  for (int i = 0; i < 3; ++i) {
    tensors[i] = arrays[i]->tensor();
    ASSERT_TRUE(succeeded(kiln_tanh(context_, &tensors[i], &tensors[i])));
  }
  device().wait();
  const kilnsim_counts before = DRIVER(kilnsim_counters)();
  for (int round = 0; round < 10; ++round)
    for (DLTensor &tensor : tensors) ASSERT_TRUE(succeeded(kiln_tanh(context_, &tensor, &tensor)));
  expect_launches_alone(before, DRIVER(kilnsim_counters)(), 30);
}

// docs/working/devices.md has these numbers.
TEST_F(CudaRuntime, SteadyNormalizationsLaunchAndDoNothingElse) {
  const Extents shape = {2, 8, 9, 5}, long_rows = {2, 16385};
  Operation batch("batch_norm"), group("group_norm"), instance("instance_norm"), response("local_response_norm"),
      norm("normalize");
  const Operation layer = layer_norm({9, 5}), longer = layer_norm({16385});
  batch.of_batch(true);
  response["size"] = 5;
  group["num_groups"] = 4;
  Operation updating = batch;
  updating.values("running_mean") = std::vector<float>(8, 0.5f);
  updating.values("running_var") = std::vector<float>(8, 2.0f);
  Operation given = updating;
  given.of_batch(false);
  const struct {
    Operation n;
    Extents shape;
    bool in_place;
    uint64_t launches;
  } cases[] = {{batch, shape, false, 4},      {updating, shape, false, 6}, {given, shape, false, 3},
               {group, shape, false, 4},      {instance, shape, false, 4}, {layer, shape, false, 1},
               {longer, long_rows, false, 4}, {response, shape, false, 1}, {response, shape, true, 2},
               {norm, shape, false, 3}};
  for (const auto &c : cases) {
    SCOPED_TRACE(show(c.n) + (c.in_place ? ", in place" : ""));
    DeviceArray from(device(), dense(c.shape), normal_values(dense(c.shape).count(), 2)), to(device(), dense(c.shape));
    DeviceArray mean(device(), dense({8}), std::vector<float>(8, 0.5f)),
        var(device(), dense({8}), std::vector<float>(8, 2.0f));
    const DLTensor input = from.tensor();
    DLTensor output = c.in_place ? input : to.tensor(), running_mean = mean.tensor(), running_var = var.tensor();
    const bool statistics = c.n.has_statistics() && !c.n.values("running_mean").empty();
    Tensors tensors = {{"input", &input}, {"output", &output}};
    if (statistics) tensors["running_mean"] = &running_mean, tensors["running_var"] = &running_var;
    ASSERT_TRUE(succeeded(kiln::test::call(context_, c.n, tensors)));
    device().wait();
    const kilnsim_counts before = DRIVER(kilnsim_counters)();
    for (int round = 0; round < 5; ++round) ASSERT_TRUE(succeeded(kiln::test::call(context_, c.n, tensors)));
    expect_launches_alone(before, DRIVER(kilnsim_counters)(), 5 * c.launches);
  }
}

// Of 16 bits, normalizations whose stages have no kernels of the type have the input made float32 and the output made of
// that.
TEST_F(CudaRuntime, SteadyCallsOnTypesOf16Bits) {
  const Extents shape = {2, 8, 9, 5};
  const struct {
    Operation n;
    uint64_t launches;
  } cases[] = {{Operation("silu"), 1}, {Operation("normalize"), 3}, {layer_norm({9, 5}), 3}, {Operation("instance_norm"), 6}};
  for (const ElementType &type : element_types_of_16_bits())
    for (const auto &c : cases)
      for (int misalignment : {0, 1}) {
        SCOPED_TRACE(show(c.n) + ", " + type.name);
        DeviceWords from(device(), Words(type, dense(shape), words_of_all_kinds(720, 2)), misalignment),
            to(device(), Words(type, dense(shape)));
        const DLTensor input = from.tensor(), output = to.tensor();
        const Tensors tensors = {{"input", &input}, {"output", &output}};
        ASSERT_TRUE(succeeded(kiln::test::call(context_, c.n, tensors)));
        device().wait();
        const kilnsim_counts before = DRIVER(kilnsim_counters)();
        for (int round = 0; round < 5; ++round) ASSERT_TRUE(succeeded(kiln::test::call(context_, c.n, tensors)));
        expect_launches_alone(before, DRIVER(kilnsim_counters)(), 5 * c.launches);
      }
}

// The same of every sample, without parameters: each call launches what the one before did, and nothing else happens.
TEST_F(CudaRuntime, SteadyCallsOfEveryNormalization) {
  const Extents shape = {2, 8, 9, 5};
  DeviceArray from(device(), dense(shape), normal_values(dense(shape).count(), 3)), to(device(), dense(shape));
  const DLTensor input = from.tensor(), output = to.tensor();
  for (Operation n : normalization_samples(shape)) {
    SCOPED_TRACE(show(n));
    if (n.has_statistics()) n.of_batch(true);
    for (const std::string &name : n.parameters()) n.values(name).clear();
    kilnsim_counts counts[4];
    for (kilnsim_counts &count : counts) {
      ASSERT_TRUE(succeeded(kiln::test::call(context_, n, {{"input", &input}, {"output", &output}})));
      count = DRIVER(kilnsim_counters)();
    }
    const uint64_t launches = counts[2].launches - counts[1].launches;
    EXPECT_GT(launches, 0u);
    expect_launches_alone(counts[2], counts[3], launches);
  }
}

TEST_F(CudaRuntime, LaunchesGoToTheAppsStream) {
  DeviceArray array(device(), dense({kCount}), inputs_);
  CUcontext context = nullptr;
  ASSERT_EQ(DRIVER(cuDevicePrimaryCtxRetain)(&context, 0), CUDA_SUCCESS);
  ASSERT_EQ(DRIVER(cuCtxPushCurrent_v2)(context), CUDA_SUCCESS);
  CUstream streams[2];
  for (CUstream &stream : streams) {
    ASSERT_EQ(DRIVER(cuStreamCreate)(&stream, CU_STREAM_NON_BLOCKING), CUDA_SUCCESS);
    ASSERT_TRUE(succeeded(kiln_context_set_cuda_stream(context_, stream)));
    ASSERT_TRUE(succeeded(call(array)));
    EXPECT_EQ(DRIVER(kilnsim_counters)().last_stream, stream);
    EXPECT_EQ(DRIVER(cuStreamSynchronize)(stream), CUDA_SUCCESS);
  }
  ASSERT_TRUE(succeeded(kiln_context_set_cuda_stream(context_, nullptr)));
  ASSERT_TRUE(succeeded(call(array)));
  EXPECT_EQ(DRIVER(kilnsim_counters)().last_stream, nullptr);
  for (CUstream stream : streams) EXPECT_EQ(DRIVER(cuStreamDestroy_v2)(stream), CUDA_SUCCESS);
  CUcontext popped;
  EXPECT_EQ(DRIVER(cuCtxPopCurrent_v2)(&popped), CUDA_SUCCESS);
}

// A current context stays; where there is none, there is none after the call, which used the device's primary one.
TEST_F(CudaRuntime, TheThreadsContextIsLeftAsItWas) {
  DeviceArray array(device(), dense({kCount}), inputs_);
  CUcontext current = nullptr, primary = nullptr;
  ASSERT_TRUE(succeeded(call(array)));
  ASSERT_EQ(DRIVER(cuCtxGetCurrent)(&current), CUDA_SUCCESS);
  EXPECT_EQ(current, nullptr);
  ASSERT_EQ(DRIVER(cuDevicePrimaryCtxRetain)(&primary, 0), CUDA_SUCCESS);
  ASSERT_EQ(DRIVER(cuCtxSetCurrent)(primary), CUDA_SUCCESS);
  const uint64_t made = DRIVER(kilnsim_counters)().contexts_made;
  ASSERT_TRUE(succeeded(call(array)));
  ASSERT_EQ(DRIVER(cuCtxGetCurrent)(&current), CUDA_SUCCESS);
  EXPECT_EQ(current, primary);
  EXPECT_EQ(DRIVER(kilnsim_counters)().contexts_made, made);
  ASSERT_EQ(DRIVER(cuCtxSetCurrent)(nullptr), CUDA_SUCCESS);
}

// Every refusal comes back with the driver's words and its name for it, and the next call is served.
TEST_F(CudaRuntime, RefusalsComeInTheDriversWords) {
  struct Refusal {
    const char *entry_point;
    CUresult error;
    std::vector<std::string> texts;
  };
  const Refusal refusals[] = {
      {"cuModuleLoadDataEx", CUDA_ERROR_INVALID_PTX, {"cuModuleLoadDataEx", "PTX JIT", "CUDA_ERROR_INVALID_PTX"}},
      {"cuModuleLoadDataEx", CUDA_ERROR_NO_BINARY_FOR_GPU, {"no kernel image"}},
      {"cuModuleGetFunction", CUDA_ERROR_NOT_FOUND, {"cuModuleGetFunction", "named symbol not found"}},
      {"cuLaunchKernel", CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, {"cuLaunchKernel", "too many resources"}},
      {"cuCtxGetCurrent", CUDA_ERROR_DEINITIALIZED, {"cuCtxGetCurrent", "shutting down"}},
      {"cuPointerGetAttribute", CUDA_ERROR_INVALID_CONTEXT, {"input", "invalid device context"}},
  };
  // mish, which nothing has loaded yet.
  DeviceArray array(device(), dense({kCount}), inputs_);
  const ElementwiseOperator &mish = elementwise_operator("mish");
  const std::vector<float> expected = reference_bits(mish, KILN_ACCURACY_EXACT, inputs_);
  for (const Refusal &r : refusals) {
    DLTensor tensor = array.tensor();
    DRIVER(kilnsim_fail_next)(r.entry_point, r.error);
    EXPECT_TRUE(failed_with(KILN_STATUS_DEVICE_ERROR, r.texts, mish.run(context_, &tensor, &tensor))) << r.entry_point;
    EXPECT_TRUE(same_bits(inputs_, array.fetch().get())) << "after " << r.entry_point;
  }
  DLTensor tensor = array.tensor();
  ASSERT_TRUE(succeeded(mish.run(context_, &tensor, &tensor)));
  EXPECT_TRUE(same_bits(expected, array.fetch().get(), inputs_));
}

}  // namespace
}  // namespace kiln::test
