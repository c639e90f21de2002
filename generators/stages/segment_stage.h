// What the stages have that measure segments: numbers of every segment of every plane, two or as many as the stage
// says. The accumulator is the stage's.
#pragma once

#include <Halide.h>

#include "math/element.h"
#include "normalization/two_pass.h"
#include "schedules/buffers.h"
#include "schedules/channels_schedule.h"
#include "schedules/estimates.h"
#include "schedules/gpu_reduction_schedule.h"

namespace kiln {

// `Stage` has accumulator(Segments) and its own inputs, the last of which is `aligned`: on devices, 1 if the addresses
// of all that is read by vectors are multiples of 16 bytes. It may hide prepare_inputs() and whole_beside().
template <class Stage, int numbers = 2>
class SegmentStage : public Halide::Generator<Stage> {
 public:
  Halide::GeneratorParam<bool> channels_last{"channels_last", false};  // channels lie side by side, not positions
  Halide::GeneratorParam<Element> dtype{"dtype", Element::float32, elements_by_name()};  // of x
  // Planes as short and as many as limits.h says, whole vectors of them.
  Halide::GeneratorParam<bool> short_planes{"short_planes", false};
  Halide::GeneratorParam<int> vector_width{"vector_width", 8};
  Halide::GeneratorParam<int> block{"block", 64};  // channels worked on together (channels_last)
  Halide::GeneratorParam<int> steps{"steps", 8};
  Halide::GeneratorParam<int> threads{"threads", 128};
  Halide::GeneratorParam<int> channels{"channels", 32};  // of a block of threads
  Halide::GeneratorParam<std::string> estimates{"estimates", ""};

  Halide::GeneratorInput<Halide::Buffer<void, 3>> x{"x"};                 // (s, c, n); of planes at most kLongestPlane
  Halide::GeneratorOutput<Halide::Buffer<double, 4>> partial{"partial"};  // (c, seg, n, k)

  // Of inputs beside x: what a schedule has to know, and on devices whether they are whole vectors.
  void prepare_inputs() {}
  Expr whole_beside() { return Halide::Internal::const_true(); }

  // A kernel takes all inputs before the output, also those that the stage adds.
  bool allow_out_of_order_inputs_and_outputs() const override { return true; }

  void configure() { x.set_type(storage_of(dtype)); }
  void generate() {
    const ArithmeticScope arithmetic(this->get_target());
    vectors = x.dim(1).extent() >= vector_width;
    const ValueAt value = [&](const Expr &s, const Expr &c, const Expr &n) { return load(dtype, x(s, c, n)); };
    const Segments segments{value, x.dim(0).extent(), at, device() ? Skip::empty_loops : Skip::branch, longest()};
    for (auto *accumulator : {&blocks, &single}) *accumulator = stage().accumulator(segments);
    std::vector<Expr> all;
    for (int i = 0; i < numbers; i++) all.push_back(number(i));
    partial(at.c, at.seg, at.n, k) = Halide::mux(k, all);
  }
  void schedule() {
    if (channels_last) free_stride(x, 1);
    stage().prepare_inputs();
    if (!(channels_last || short_planes) || device()) free_stride(partial);
    if (autoscheduled(*this, estimates)) return;
    if (device()) {
      return device_segments(*blocks, device_blocks(partial, k, at, x, stage().aligned == 1 && stage().whole_beside(),
                                                    channels_last, {threads, channels, steps, numbers}));
    }
    const LaneNumbers lanes{vector_width, steps};
    if (short_planes) {
      schedule_short(lanes);
    } else if (channels_last) {
      schedule_segments_channels_last(
          *blocks, *single,
          schedule_channel_blocks(partial, k, at, x.dim(1).extent(), vectors, {lanes, block, numbers, small()}));
    } else {
      schedule_segments(*blocks, schedule_contiguous(partial, k, at, numbers), kMostSegments, lanes);
    }
  }

 private:
  Segment at{Var("seg"), Var("c"), Var("n")};
  Var k{"k"};
  Expr vectors;                             // channels_last: there is a whole vector of channels
  std::unique_ptr<TwoPass> blocks, single;  // of blocks of channels or planes; of single channels among channels_last

  Stage &stage() { return static_cast<Stage &>(*this); }
  bool device() const { return this->get_target().has_gpu_feature(); }

  // Where a fused multiply-add is a dozen instructions, those of 16 lanes side by side would be most of a kernel.
  bool small() const {
    const Halide::Target t = this->get_target();
    return t.arch == Halide::Target::X86 && !t.has_feature(Halide::Target::FMA);
  }

  int64_t longest() const { return !short_planes ? kSegment : channels_last ? kShortColumn : kShortPlane; }

  void schedule_short(const LaneNumbers &lanes) {
    if (channels_last) {
      _halide_user_assert(vector_width <= kPlanesTogether) << "vector_width: more planes than there may be\n";
      return schedule_short_channels(*blocks,
                                     schedule_short_planes(partial, k, at, {lanes, vector_width, numbers, small()}));
    }
    const bool masks = this->get_target().has_feature(Halide::Target::AVX512);
    schedule_short_contiguous(*blocks,
                              schedule_short_planes(partial, k, at, {lanes, kPlanesTogether, numbers, small()}), masks);
  }

  Expr number(int i) {
    const Expr of_blocks = blocks->number(i, at.seg, at.c, at.n);
    if (!channels_last || short_planes || device() || this->using_autoscheduler()) return of_blocks;
    return Halide::select(vectors, of_blocks, single->number(i, at.seg, at.c, at.n));
  }
};

}  // namespace kiln
