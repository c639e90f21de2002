// Pipelines that Halide compiles and runs through its own CUDA runtime, on the simulator, against the same on the CPU:
// PTX that nobody wrote for the simulator.
#include <Halide.h>
#include <gtest/gtest.h>

#include <cmath>

#include "simulator.h"

namespace {

using namespace Halide;

Target cuda() {
  return get_host_target()
      .without_feature(Target::AVX512)
      .with_feature(Target::CUDA)
      .with_feature(Target::CUDACapability80)
      .with_feature(Target::StrictFloat);
}

class HalideOnSimulator : public testing::Test {
 protected:
  static constexpr int kSize = 1024, kRows = 37;

  void SetUp() override {
    for (int y = 0; y < kRows; ++y) {
      for (int x = 0; x < kSize; ++x)
        input_(x, y) = std::sin(float(x * 7 + y * 131)) * float(std::ldexp(1.0, x % 40 - 20));
    }
  }
  // Each pipeline is made twice: Halide's schedules cannot be taken back.
  template <class Make, class Schedule>
  void expect_same(Make &&make, Schedule &&schedule) {
    Func on_cpu = make(), on_device = make();
    schedule(on_device);
    const Buffer<float> expected = on_cpu.realize({kSize, kRows}, get_host_target().with_feature(Target::StrictFloat));
    const uint64_t before = kilnsim_counters().launches;
    Buffer<float> got = on_device.realize({kSize, kRows}, cuda());
    got.copy_to_host();
    EXPECT_GT(kilnsim_counters().launches, before) << kilnsim_last_fault();
    for (int y = 0; y < kRows; ++y) {
      for (int x = 0; x < kSize; ++x) {
        const float e = expected(x, y), g = got(x, y);
        ASSERT_TRUE(e == g || (e != e && g != g)) << x << ", " << y << ": " << e << " on the CPU, " << g;
      }
    }
  }

  Buffer<float> input_{kSize, kRows};
  Var x{"x"}, y{"y"}, block{"block"}, thread{"thread"}, lane{"lane"};
};

TEST_F(HalideOnSimulator, elementwise_in_vectors_with_a_tail) {
  expect_same(
      [&] {
        Func f;
        const Expr v = input_(x, y);
        const Expr bits = reinterpret<int32_t>(v);
        const Expr power = reinterpret<float>(((bits >> 23) & 0xff) << 23);
        f(x, y) = select((bits & 0x7fffffff) > 0x42000000, v, v / (abs(v) + 1.0f)) - sqrt(abs(power)) +
                  cast<float>(bits % 17);
        return f;
      },
      [&](Func f) { f.gpu_tile(x, block, thread, 300, TailStrategy::GuardWithIf).vectorize(thread, 4); });
}

TEST_F(HalideOnSimulator, rows_through_shared_memory_in_double_precision) {
  Func lanes, mean;
  RDom chunk(0, kSize / 64), over(0, 64);
  const auto make = [&] {
    lanes = Func();
    mean = Func();
    Func f;
    const Expr v = cast<double>(input_(x + chunk * 64, y));
    lanes(x, y) = cast<double>(0);
    lanes(x, y) += v;
    mean(y) = cast<double>(0);
    mean(y) += lanes(over, y);
    f(x, y) =
        cast<float>((cast<double>(input_(x, y)) - mean(y) / Expr(double(kSize))) / sqrt(abs(mean(y)) + Expr(1e-3)));
    return f;
  };
  expect_same(make, [&](Func f) {
    f.gpu_blocks(y).split(x, block, thread, 64).reorder(thread, block, y).gpu_threads(thread);
    lanes.compute_at(f, y).store_in(MemoryType::GPUShared).gpu_threads(x).update().gpu_threads(x);
    mean.compute_at(f, y).store_in(MemoryType::GPUShared);
  });
}

TEST_F(HalideOnSimulator, windows_and_two_kernels) {
  Func blurred;
  const auto make = [&] {
    blurred = Func();
    Func f;
    const Func clamped = BoundaryConditions::repeat_edge(input_);
    blurred(x, y) = max(clamped(x - 1, y), clamped(x + 1, y)) - min(clamped(x, y - 1), clamped(x, y + 1));
    f(x, y) =
        floor(blurred(x, y)) + ceil(blurred(x, y + 1)) + cast<float>(cast<uint8_t>(clamp(blurred(x, y), 0.0f, 255.0f)));
    return f;
  };
  expect_same(make, [&](Func f) {
    Var block_y, thread_y;
    blurred.compute_root().gpu_tile(x, y, block, block_y, thread, thread_y, 32, 4, TailStrategy::GuardWithIf);
    f.gpu_tile(x, y, block, block_y, thread, thread_y, 16, 8, TailStrategy::GuardWithIf);
  });
}

}  // namespace
