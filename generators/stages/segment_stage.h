// What the stages have that measure segments: two numbers of every segment of every plane. The accumulator is the
// stage's.
#pragma once

#include <Halide.h>

#include "normalization/two_pass.h"
#include "schedules/buffers.h"
#include "schedules/channels_schedule.h"
#include "schedules/estimates.h"
#include "schedules/gpu_reduction_schedule.h"

namespace kiln {

// `Stage` has accumulator(Segments) and, on its own for its place among the arguments, the input `aligned`: on devices,
// 1 if the address of x is a multiple of 16 bytes.
template <class Stage>
class SegmentStage : public Halide::Generator<Stage> {
 public:
  Halide::GeneratorParam<bool> channels_last{"channels_last", false};  // channels lie side by side, not positions
  Halide::GeneratorParam<int> vector_width{"vector_width", 8};
  Halide::GeneratorParam<int> block{"block", 64};  // channels worked on together (channels_last)
  Halide::GeneratorParam<int> steps{"steps", 8};
  Halide::GeneratorParam<int> threads{"threads", 128};
  Halide::GeneratorParam<int> channels{"channels", 32};  // of a block of threads
  Halide::GeneratorParam<std::string> estimates{"estimates", ""};

  Halide::GeneratorInput<Halide::Buffer<float, 3>> x{"x"};  // (s, c, n); of planes at most kLongestPlane
  Halide::GeneratorInput<double> eps{"eps"};                // a variance or norm far below it need not be exact
  Halide::GeneratorOutput<Halide::Buffer<double, 4>> partial{"partial"};  // (c, seg, n, k)

  // A kernel takes all inputs before the output, also those that the stage adds.
  bool allow_out_of_order_inputs_and_outputs() const override { return true; }

  void generate() {
    const ArithmeticScope arithmetic(this->get_target());
    const int short_plane = channels_last ? ReductionShape::chain_span : ReductionShape::group_span;
    kinds = {x.dim(0).extent() <= short_plane, x.dim(1).extent() >= short_block(), Expr()};
    if (channels_last) kinds.vectors = x.dim(1).extent() >= vector_width;
    const ValueAt value = [&](const Expr &s, const Expr &c, const Expr &n) { return Real(x(s, c, n)); };
    Segments segments{value, x.dim(0).extent(), at, device() ? Skip::empty_loops : Skip::branch};
    for (auto *accumulator : {&blocks, &single}) *accumulator = stage().accumulator(segments);
    segments.longest = short_plane;
    short_planes = stage().accumulator(segments);
    partial(at.c, at.seg, at.n, k) = Halide::select(k == 0, number(0), number(1));
  }
  void schedule() {
    if (channels_last) free_stride(x, 1);
    if (device()) free_stride(partial);
    if (autoscheduled(*this, estimates)) return;
    if (device()) {
      return device_segments(
          *blocks, device_blocks(partial, k, at, x, stage().aligned == 1, channels_last, {threads, channels, steps}));
    }
    const LaneNumbers lanes{vector_width, steps}, short_lanes{channels_last ? short_block() : vector_width, steps};
    const ChannelBlock beside =
        schedule_short_planes(partial, k, at, kinds, {short_lanes, short_block()}, vector_width);
    if (channels_last) {
      schedule_short_channels(*short_planes, beside);
      schedule_segments_channels_last(
          *blocks, *single, schedule_channel_blocks(partial, k, at, x.dim(1).extent(), kinds, {lanes, block}));
    } else {
      schedule_short_contiguous(*short_planes, beside, this->get_target().has_feature(Halide::Target::AVX512));
      schedule_segments(*blocks, schedule_contiguous(partial, k, at), kMostSegments, lanes);
    }
  }

 private:
  Segment at{Var("seg"), Var("c"), Var("n")};
  Var k{"k"};
  PlaneKinds kinds;
  std::unique_ptr<TwoPass> blocks, single;  // of blocks of channels or planes; of single channels among channels_last
  std::unique_ptr<TwoPass> short_planes;    // of a block of short planes

  Stage &stage() { return static_cast<Stage &>(*this); }
  bool device() const { return this->get_target().has_gpu_feature(); }

  // Short planes that are worked on together.
  int short_block() const { return channels_last ? 2 * vector_width : ReductionShape::lanes; }

  Expr number(int i) {
    const auto of = [&](TwoPass &planes) { return planes.number(i, at.seg, at.c, at.n); };
    if (device() || this->using_autoscheduler()) return of(*blocks);
    const Expr other = channels_last ? Halide::select(kinds.vectors, of(*blocks), of(*single)) : of(*blocks);
    return Halide::select(kinds.few_values, Halide::select(kinds.enough, of(*short_planes), other), other);
  }
};

}  // namespace kiln
