// y = fma(fma(x, scale, shift), factor, rest), each channel of each sample by its own.
#include <Halide.h>

#include "math/element.h"
#include "normalization/affine.h"
#include "schedules/buffers.h"
#include "schedules/channels_schedule.h"
#include "schedules/estimates.h"
#include "schedules/gpu_map_schedule.h"

namespace {

using namespace kiln;

class ChannelApply : public Halide::Generator<ChannelApply> {
 public:
  GeneratorParam<bool> channels_last{"channels_last", false};
  GeneratorParam<Element> dtype{"dtype", Element::float32, elements_by_name()};  // of x and y
  GeneratorParam<int> vector_width{"vector_width", 8};
  GeneratorParam<int> unroll{"unroll", 4};
  GeneratorParam<int> along_memory{"along_memory", 0};  // 1: all channels of a position in turn (channels_last)
  GeneratorParam<int> threads{"threads", 256};
  GeneratorParam<bool> streamed{"streamed", false};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<void, 3>> x{"x"};                         // (s, c, n)
  Input<Halide::Buffer<float, 3>> coefficients{"coefficients"};  // (c, n, k)
  Input<int> aligned{"aligned"};  // on devices: 1 if the addresses of x and y are multiples of 16 bytes
  Output<Halide::Buffer<void, 3>> y{"y"};

  void configure() {
    x.set_type(storage_of(dtype));
    y.set_type(storage_of(dtype));
  }
  void generate() {
    const ArithmeticScope arithmetic(get_target());
    const auto coefficient = [&](int k) { return Real(coefficients(c, n, k)); };
    const Coefficients all{coefficient(0), coefficient(1), coefficient(2), coefficient(3)};
    y(s, c, n) = store(dtype, all.apply(load(dtype, x(s, c, n))));
  }
  void schedule() {
    if (channels_last) {
      free_stride(x, 1);
      free_stride(y, 1);
    }
    if (!channels_last || device()) free_stride(coefficients);
    if (autoscheduled(*this, estimates)) return;
    if (device()) return schedule_device();
    if (streamed) on_lines_of_cache(y, channels_last ? 1 : 0);
    schedule_apply(y, s, c, n, {vector_width, unroll}, channels_last, along_memory != 0);
  }

 private:
  Var s{"s"}, c{"c"}, n{"n"};

  bool device() const { return get_target().has_gpu_feature(); }

  void schedule_device() {
    const int dense = channels_last ? 1 : 0;
    from_zero(x, coefficients, y);
    const Halide::Expr whole = aligned == 1 && whole_vectors(x, dense) && whole_vectors(y, dense);
    device_apply(y, s, c, n, dense, whole, {threads, unroll});
  }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(ChannelApply, channel_apply)
HALIDE_REGISTER_GENERATOR_ALIAS(channel_apply_contiguous, channel_apply, {{"channels_last", "false"}})
HALIDE_REGISTER_GENERATOR_ALIAS(channel_apply_channels_last, channel_apply, {{"channels_last", "true"}})
