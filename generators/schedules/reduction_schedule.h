// Loop orders of the reduction and of what is accumulated over segments.
#pragma once

#include "normalization/two_pass.h"

namespace kiln {

// Segments of one plane or row whose results are kept on the stack. No kernel checks it: beyond, memory is overwritten.
inline constexpr int kMostSegments = kLongestPlane / kSegment;

struct LaneNumbers {
  int vector_width;  // elements in one vector
  int steps;         // steps of a chain in one turn of its loop: 1, 2, 4 or 8
};

// A segment's values lie side by side: lanes are vectors, a chain is kept in registers, all of it computed at
// `segment`.
inline void schedule_lanes(Reduction &r, const Halide::LoopLevel &segment, const LaneNumbers &numbers) {
  const int width = std::min(numbers.vector_width, ReductionShape::lanes);
  for (Func f : {r.fold8, r.fold4, r.fold2, r.total}) f.compute_at(segment);
  r.fold8.vectorize(r.l, std::min(width, 8));
  r.fold4.vectorize(r.l, std::min(width, 4));
  r.fold2.vectorize(r.l, 2);
  r.lane.compute_at(segment).vectorize(r.l, width).unroll(r.l);
  r.lane.update(0)
      .reorder(r.l, r.group_dom)
      .vectorize(r.l, width)
      .unroll(r.l)
      .partition(r.group_dom, Halide::Partition::Never);
  r.lane.update(1).reorder(r.l, r.cut_dom).vectorize(r.l, width).unroll(r.l);
  r.group.compute_at(r.lane, r.group_dom).vectorize(r.l, width).unroll(r.l);
  r.group.update().reorder(r.l, r.chain_dom).vectorize(r.l, width).unroll(r.l);
  r.chain.compute_at(r.group, r.chain_dom).vectorize(r.l, width).unroll(r.l);
  r.chain.update().reorder(r.l, r.step_dom).vectorize(r.l, width).unroll(r.l).unroll(r.step_dom, numbers.steps);
}

// Channels lie side by side: a block of them at once, as whole vectors, in every lane of the shape one after the other.
// Not a tail: a guard in the inner loops would keep Halide from leaving out the groups and chains that a short plane
// lacks (planes of 49 took 234 ns with it, 12 ns without). A block is shifted inwards instead; fewer channels than a
// vector take the loops of single segments.
struct ChannelBlock {
  Halide::LoopLevel tile;  // where a segment of a block is computed
  Segment at;
  LaneNumbers numbers;
  int block;

  void along(Func f) const { vectorized(in_memory(f).compute_at(tile)); }
  // Too much for the stack of some threads: all of it comes from halide_malloc, once a call
  // (runtime/plans/reduction.cpp).
  Func &in_memory(Func &f) const {
    return f.bound_storage(at.c, block).hoist_storage_root().store_in(Halide::MemoryType::Heap);
  }
  Func &vectorized(Func &f) const { return f.vectorize(at.c, numbers.vector_width, Halide::TailStrategy::RoundUp); }
  Halide::Stage vectorized(Halide::Stage s) const {
    return s.vectorize(at.c, numbers.vector_width, Halide::TailStrategy::RoundUp);
  }
};

inline void schedule_channels(Reduction &r, const ChannelBlock &b) {
  const auto &[seg, c, n] = b.at;
  Var cv("cv"), ci("ci");
  for (Func f : {r.fold8, r.fold4, r.fold2, r.total, r.lane}) b.along(f);
  for (Func f : {r.fold8, r.fold4, r.fold2, r.lane}) f.reorder_storage(c, r.l, seg, n);
  b.vectorized(r.lane.update(0)).reorder(c, r.l, r.group_dom).partition(r.group_dom, Halide::Partition::Never);
  b.vectorized(r.lane.update(1).reorder(c, r.l, r.cut_dom));
  b.in_memory(r.group).compute_at(r.lane, r.group_dom).reorder_storage(c, r.l, r.e, seg, n);
  b.vectorized(r.group);
  r.group.update()
      .split(c, cv, ci, b.numbers.vector_width, Halide::TailStrategy::RoundUp)
      .vectorize(ci)
      .reorder(ci, cv, r.l, r.chain_dom);
  b.vectorized(r.chain.compute_at(r.group, cv).bound_storage(c, b.numbers.vector_width));
  b.vectorized(r.chain.update().reorder(c, r.step_dom)).unroll(r.step_dom, b.numbers.steps);
}

// A pass over a segment whose values lie side by side.
inline void schedule_pass(TwoPass::Pass &pass, const Halide::LoopLevel &segment, const LaneNumbers &numbers) {
  for (Func f : pass.numbers()) f.compute_at(segment);
  for (auto &r : pass.reductions) schedule_lanes(*r, segment, numbers);
}

// At most `segments` at a time, one after the other, of the planes or rows that `plane` is about.
inline void schedule_segments(TwoPass &p, const Halide::LoopLevel &plane, int segments, const LaneNumbers &numbers) {
  const Var seg(p.left.args()[0]);
  for (Func f : {p.left, p.result}) f.compute_at(plane).bound_storage(seg, segments);
  const Halide::LoopLevel segment(p.result, seg);
  for (auto *pass : {&p.first, &p.fallback}) schedule_pass(*pass, segment, numbers);
}

// A segment of a block of channels, and of a single channel where there are fewer than a vector.
inline void schedule_segments_channels_last(TwoPass &p, TwoPass &single, const ChannelBlock &b) {
  const LaneNumbers scalar{1, 1};
  schedule_segments(single, b.tile, 1, scalar);
  p.left.compute_at(b.tile);
  b.along(p.result);
  for (Func f : p.first.numbers()) b.along(f);
  for (auto &r : p.first.reductions) schedule_channels(*r, b);
  if (p.fallback.reductions.empty()) return;
  p.result.update().unscheduled();  // a branch for each channel
  schedule_pass(p.fallback, {p.result, b.at.c}, scalar);
}

}  // namespace kiln
