// Loop orders on devices of the reduction and of the moments of segments.
//
// Planes: a thread has 4 lanes of one chain, whose steps it reads by vectors of 4; chains meet in shared memory, where
// 4 threads join them to the lanes, and one joins the lanes. A block has the segments of as many channels as its
// threads are enough for. Pixels: TODO
#pragma once

#include "normalization/moments.h"
#include "schedules/gpu_map_schedule.h"

namespace kiln {

struct DeviceSegments {
  Halide::LoopLevel block, thread;
  Segment at;
  int threads;
};

// All of `threads` are one row of a block's threads, which take turns where the row is longer; `inner` are loops of one
// thread. Returns where a thread's turn is computed.
inline Halide::LoopLevel device_threads(Func f, const std::vector<Var> &inner, const std::vector<Var> &threads,
                                        int block_threads) {
  const Var turn("turn"), thread("thread");
  Var all = threads[0];
  std::vector<Halide::VarOrRVar> order(inner.begin(), inner.end());
  order.insert(order.end(), threads.begin(), threads.end());
  f.reorder(order);
  for (size_t i = 1; i < threads.size(); i++) {
    const Var fused("fused" + std::to_string(i));
    f.fuse(all, threads[i], fused);
    all = fused;
  }
  f.split(all, turn, thread, block_threads, Halide::TailStrategy::GuardWithIf);
  order.assign(inner.begin(), inner.end());
  order.insert(order.end(), {turn, thread});
  f.reorder(order).gpu_threads(thread);
  return {f, turn};
}

// What one thread keeps to itself: one value, or four along l.
inline Func in_registers(Func f, const Var &l = Var()) {
  for (const Var &v : f.args()) f.bound_storage(v, v.same_as(l) ? 4 : 1);
  return f;
}

// Returns where one thread's part of a chain is computed.
inline Halide::LoopLevel device_reduction(Reduction &r, const DeviceSegments &d) {
  const Var quad("quad"), one("one");
  const Var &c = d.at.c;
  Func chain = r.chain.in(r.group), lane = r.lane.in(r.fold8);
  chain.compute_at(d.block).split(r.l, quad, one, 4).vectorize(one);
  const Halide::LoopLevel of_chain = device_threads(chain, {one}, {quad, r.b, c}, d.threads);
  r.chain.compute_at(of_chain).vectorize(r.l, 4);
  r.chain.update().reorder(r.l, r.step_dom).vectorize(r.l, 4).unroll(r.step_dom);
  lane.compute_at(d.block).split(r.l, quad, one, 4).vectorize(one);
  const Halide::LoopLevel of_lane = device_threads(lane, {one}, {quad, c}, d.threads);
  for (Func f : {r.chain, r.lane, r.group}) in_registers(f, r.l);
  r.lane.compute_at(of_lane).vectorize(r.l, 4);
  r.lane.update(0).reorder(r.l, r.group_dom).vectorize(r.l, 4);
  r.lane.update(1).reorder(r.l, r.cut_dom).unroll(r.l, 4);
  r.group.compute_at(r.lane, r.group_dom).vectorize(r.l, 4);
  r.group.update().reorder(r.l, r.chain_dom).vectorize(r.l, 4);
  return of_chain;
}

inline void device_moments(SegmentMoments &m, const DeviceSegments &d) {
  in_registers(m.anchor.clone_in(m.quick->chain).compute_at(device_reduction(*m.quick, d)));
  for (auto *r : {m.peak.get(), m.scaled_sum.get(), m.scaled_squares.get()}) device_reduction(*r, d);
  for (Func f : {m.attempt, m.scale, m.centre}) {
    device_threads(f.compute_at(d.block), {}, {d.at.c}, d.threads);
  }
  in_registers(m.moments.compute_at(d.thread));
}

// Segments of `partial`, blocks of channels by blocks of threads.
template <class Buffer>
DeviceSegments device_segments(Func partial, const Var &k, const Segment &at, Buffer &x, bool pixels, int most_chains) {
  const Expr chains = Halide::clamp((x.dim(0).extent() + (ReductionShape::chain_span - 1)) / ReductionShape::chain_span,
                                    1, most_chains);
  const Expr channels = Halide::min(most_chains / chains, x.dim(1).extent());
  const Var blocks("blocks"), thread("thread");
  const auto loops = [&](Halide::Stage s) {
    Var block("block");
    s.split(at.c, block, thread, channels, Halide::TailStrategy::ShiftInwards)
        .reorder(k, thread, block, at.seg, at.n)
        .unroll(k)
        .fuse(block, at.seg, block)
        .fuse(block, at.n, blocks)
        .gpu_blocks(blocks)
        .gpu_threads(thread);
  };
  partial.bound(k, 0, 2);
  loops(partial.specialize(whole_vectors(x, pixels ? 1 : 0)));
  loops(partial);
  return {{partial, blocks}, {partial, thread}, at, 4 * most_chains};
}

}  // namespace kiln
