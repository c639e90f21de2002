// Sum and centred sum of squares of every segment of every plane.
#include <Halide.h>

#include "normalization/moments.h"
#include "schedules/buffers.h"
#include "schedules/channels_schedule.h"
#include "schedules/estimates.h"
#include "schedules/gpu_reduction_schedule.h"

namespace {

using namespace kiln;

class ChannelMoments : public Halide::Generator<ChannelMoments> {
 public:
  GeneratorParam<bool> channels_last{"channels_last", false};  // channels lie side by side, not positions
  GeneratorParam<int> vector_width{"vector_width", 8};
  GeneratorParam<int> block{"block", 64};  // channels worked on together (channels_last)
  GeneratorParam<int> steps{"steps", 8};
  GeneratorParam<int> threads{"threads", 128};
  GeneratorParam<std::string> estimates{"estimates", ""};
  GeneratorParam<int> channels{"channels", 32};  // of a block of threads

  Input<Halide::Buffer<float, 3>> x{"x"};                // (s, c, n); of planes at most kLongestPlane
  Input<double> eps{"eps"};                              // what the variance will be added to
  Input<int> aligned{"aligned"};                         // on devices: 1 if the address of x is a multiple of 16 bytes
  Output<Halide::Buffer<double, 4>> partial{"partial"};  // (c, seg, n, k): sum, centred sum of squares

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    vectors = x.dim(1).extent() >= vector_width;
    const ValueAt value = [&](const Expr &s, const Expr &c, const Expr &n) { return Real(x(s, c, n)); };
    for (auto *m : {&moments, &single}) {
      *m = std::make_unique<SegmentMoments>(value, x.dim(0).extent(), eps, at,
                                            device() ? Again::empty_loops : Again::branch);
    }
    const Expr both[] = {of_blocks(moments->sum(at.seg, at.c, at.n).expr(), single->sum(at.seg, at.c, at.n).expr()),
                         of_blocks(moments->m2(at.seg, at.c, at.n).expr(), single->m2(at.seg, at.c, at.n).expr())};
    partial(at.c, at.seg, at.n, k) = Halide::select(k == 0, both[0], both[1]);
  }
  void schedule() {
    if (channels_last) free_stride(x, 1);
    if (!channels_last || device()) free_stride(partial);
    if (autoscheduled(*this, estimates)) return;
    if (device()) {
      return device_moments(
          *moments, device_segments(partial, k, at, x, aligned == 1, channels_last, {threads, channels, steps}));
    }
    if (channels_last) {
      schedule_moments_of_pixels(
          *moments, *single,
          schedule_pixel_blocks(partial, k, at, x.dim(1).extent(), vectors, {{vector_width, steps}, block}));
    } else {
      schedule_moments_of_planes(*moments, schedule_planes(partial, k, at), kMostSegments, {vector_width, steps});
    }
  }

 private:
  Segment at{Var("seg"), Var("c"), Var("n")};
  Var k{"k"};
  Expr vectors;  // channels_last: there is a whole vector of channels
  std::unique_ptr<SegmentMoments> moments,
      single;  // of blocks of channels or planes; of single channels among channels_last

  bool device() const { return get_target().has_gpu_feature(); }

  Expr of_blocks(const Expr &moments, const Expr &single) {
    return channels_last && !device() && !using_autoscheduler() ? Halide::select(vectors, moments, single) : moments;
  }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(ChannelMoments, channel_moments)
HALIDE_REGISTER_GENERATOR_ALIAS(channel_moments_contiguous, channel_moments, {{"channels_last", "false"}})
HALIDE_REGISTER_GENERATOR_ALIAS(channel_moments_channels_last, channel_moments, {{"channels_last", "true"}})
