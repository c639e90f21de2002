// Loop orders of the reduction and of what is accumulated over segments.
#pragma once

#include "normalization/two_pass.h"

namespace kiln {

// Segments of one plane or row whose results are kept on the stack. No kernel checks it: beyond, memory is overwritten.
inline constexpr int kMostSegments = kLongestPlane / kSegment;

struct LaneNumbers {
  int vector_width;     // elements in one vector
  int steps;            // steps of a chain in one turn of its loop: 1, 2, 4 or 8
  bool rolled = false;  // lanes one after the other in a loop: small code, for what is rarely called for
};

inline int lanes_at_once(const LaneNumbers &numbers) { return std::min(numbers.vector_width, ReductionShape::lanes); }

inline void along_lanes(Halide::Stage s, const Var &l, const LaneNumbers &numbers) {
  if (numbers.rolled) return;
  s.vectorize(l, lanes_at_once(numbers)).unroll(l);
}

// Vectors of the lanes of what takes in values. Chains are kept in registers; where there is but one group, it is
// computed at `lane`.
inline void schedule_values(Reduction &r, const Halide::LoopLevel &lane, const LaneNumbers &numbers) {
  const auto whole = [&](Halide::Stage s) { along_lanes(s, r.l, numbers); };
  whole(r.lane);
  if (!r.one_group) whole(r.lane.update(0).reorder(r.l, r.group_dom).partition(r.group_dom, Halide::Partition::Never));
  whole(r.one_group ? r.group.compute_at(lane) : r.group.compute_at(r.lane, r.group_dom));
  whole(r.group.update().reorder(r.l, r.chain_dom));
  whole(r.chain.compute_at(r.group, r.chain_dom));
  whole(r.chain.update().reorder(r.l, r.step_dom).unroll(r.step_dom, numbers.steps));
}

inline Halide::Stage cut_of(Reduction &r) { return r.lane.update(r.lane.num_update_definitions() - 1); }

// A segment's values lie side by side: lanes are vectors, a chain is kept in registers, all of it computed at
// `segment`.
inline void schedule_lanes(Reduction &r, const Halide::LoopLevel &segment, const LaneNumbers &numbers) {
  const int width = lanes_at_once(numbers);
  for (Func f : {r.fold8, r.fold4, r.fold2, r.total}) f.compute_at(segment);
  r.fold8.vectorize(r.l, std::min(width, 8));
  r.fold4.vectorize(r.l, std::min(width, 4));
  r.fold2.vectorize(r.l, 2);
  r.lane.compute_at(segment);
  schedule_values(r, segment, numbers);
  along_lanes(cut_of(r).reorder(r.l, r.cut_dom), r.l, numbers);
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
  bool small;  // the fallback is small code

  // Of a fallback whose values lie apart, or that is small.
  LaneNumbers scalar() const { return {1, 1, small}; }
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
  schedule_segments(single, b.tile, 1, {1, 1});
  p.left.compute_at(b.tile);
  b.along(p.result);
  for (Func f : p.first.numbers()) b.along(f);
  for (auto &r : p.first.reductions) schedule_channels(*r, b);
  if (p.fallback.reductions.empty()) return;
  p.result.update().unscheduled();  // a branch for each channel
  schedule_pass(p.fallback, {p.result, b.at.c}, b.scalar());
}

// What was accumulated of short planes: vectors of planes, but the fallback, which is a plane's for itself.
inline void schedule_short_results(TwoPass &p, const ChannelBlock &b, const LaneNumbers &fallback) {
  p.left.compute_at(b.tile);
  b.vectorized(p.result.compute_at(b.tile));
  if (p.fallback.reductions.empty()) return;
  p.result.update().unscheduled();  // a branch for each plane
  schedule_pass(p.fallback, {p.result, b.at.c}, fallback);
}

// A plane's values lie side by side. Plane after plane to its lanes, then to four of them, which are folded and
// finished as vectors of planes. The cut is made of all planes before any of them is folded: what is read right after a
// part of it was written waits for the cache.
inline void schedule_short_contiguous(TwoPass &p, const ChannelBlock &b, bool masks) {
  const Var c = b.at.c;
  const int width = lanes_at_once(b.numbers);
  schedule_short_results(p, b, b.small ? b.scalar() : b.numbers);
  for (Func f : p.first.numbers()) f.compute_at(b.tile);
  for (auto &r : p.first.reductions) {
    b.vectorized(r->total.compute_at(b.tile));
    b.vectorized(r->fold2.compute_at(b.tile)).unroll(r->l);
    r->fold4.compute_at(b.tile).vectorize(r->l, std::min(width, 4));
    r->fold8.compute_at(r->fold4, c).vectorize(r->l, std::min(width, 8));
    r->lane.compute_at(b.tile);
    schedule_values(*r, {r->lane, c}, b.numbers);
    Halide::Stage cut = cut_of(*r).reorder(r->l, c, r->cut_dom);
    if (masks) cut.vectorize(r->l, width).unroll(r->l);
  }
}

// Channels lie side by side: all of it as vectors of channels, lane after lane.
inline void schedule_short_channels(TwoPass &p, const ChannelBlock &b) {
  const Var c = b.at.c;
  schedule_short_results(p, b, b.scalar());
  for (Func f : p.first.numbers()) b.vectorized(f.compute_at(b.tile));
  for (auto &r : p.first.reductions) {
    b.vectorized(r->total.compute_at(b.tile));
    for (Func f : {r->fold8, r->fold4, r->fold2, r->lane}) {
      b.along(f);
      f.reorder(c, r->l).reorder_storage(c, r->l, b.at.seg, b.at.n);
    }
    b.vectorized(cut_of(*r).reorder(c, r->l, r->cut_dom));
    b.vectorized(r->group.compute_at(r->lane, r->l));
    b.vectorized(r->group.update().reorder(c, r->chain_dom));
    b.vectorized(r->chain.compute_at(r->group, r->chain_dom));
    b.vectorized(r->chain.update().reorder(c, r->step_dom)).unroll(r->step_dom, b.numbers.steps);
  }
}

}  // namespace kiln
