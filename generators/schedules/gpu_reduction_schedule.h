// Loop orders on devices of the reduction and of the moments of segments.
//
// Planes: a thread has 4 lanes of one chain, whose steps it reads by vectors of 4; chains meet in shared memory, where 4
// threads join them to the lanes, and one joins the lanes. A block has the segments of as many channels as its threads
// are enough for. Pixels: TODO
#pragma once

#include "normalization/moments.h"
#include "schedules/gpu_map_schedule.h"

namespace kiln {

struct DeviceSegments {
  Halide::LoopLevel block, thread;
  Segment at;
  Expr chains, channels;  // that a segment and a block have, at most
  bool pixels;
};

inline Func &device_threads(Func &f, const std::vector<Var> &inner, const std::vector<Var> &threads) {
  std::vector<Halide::VarOrRVar> order(inner.begin(), inner.end());
  order.insert(order.end(), threads.begin(), threads.end());
  Var all = threads[0];
  f.reorder(order);
  for (size_t i = 1; i < threads.size(); i++) {
    const Var fused("thread" + std::to_string(i));
    f.fuse(all, threads[i], fused);
    all = fused;
  }
  return f.gpu_threads(all);
}

// What one thread keeps to itself: one value, or four along l.
inline Func &in_registers(Func &f, const Var &l = Var()) {
  for (const Var &v : f.args()) f.bound_storage(v, v.same_as(l) ? 4 : 1);
  return f;
}

inline void device_reduction(Reduction &r, const DeviceSegments &d) {
  const Var quad("quad"), one("one"), thread("thread1"), thread2("thread2");
  const Var &c = d.at.c;
  Func chain = r.chain.in(r.group), lane = r.lane.in(r.fold8);
  chain.compute_at(d.block).split(r.l, quad, one, 4).vectorize(one);
  device_threads(chain, {one}, {quad, r.b, c});
  r.chain.compute_at(chain, thread2).vectorize(r.l, 4);
  r.chain.update().reorder(r.l, r.step_dom).vectorize(r.l, 4).unroll(r.step_dom);
  lane.compute_at(d.block).split(r.l, quad, one, 4).vectorize(one);
  device_threads(lane, {one}, {quad, c});
  for (Func f : {r.chain, r.lane, r.group}) in_registers(f, r.l);
  r.lane.compute_at(lane, thread).vectorize(r.l, 4);
  r.lane.update(0).reorder(r.l, r.group_dom).vectorize(r.l, 4);
  r.lane.update(1).reorder(r.l, r.cut_dom).unroll(r.l, 4);
  r.group.compute_at(r.lane, r.group_dom).vectorize(r.l, 4);
  r.group.update().reorder(r.l, r.chain_dom).vectorize(r.l, 4);
}

inline void device_moments(SegmentMoments &m, const DeviceSegments &d) {
  for (auto *r : {m.quick.get(), m.peak.get(), m.scaled_sum.get(), m.scaled_squares.get()}) device_reduction(*r, d);
  for (Func f : {m.attempt, m.scale, m.centre}) {
    f.compute_at(d.block);
    device_threads(f, {}, {d.at.c});
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
  return {{partial, blocks}, {partial, thread}, at, chains, channels, pixels};
}

}  // namespace kiln
