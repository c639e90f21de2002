// Loop orders on devices of the reduction and of what is accumulated over segments.
//
// Contiguous: a thread has 4 lanes of one chain, whose steps it reads by vectors of 4; chains meet in shared memory,
// where 4 threads combine them to the lanes, and one combines the lanes. A block has the segments of as many channels
// as its threads are enough for. Channels last: neighbouring threads have neighbouring channels, of which each thread
// sums 4 lanes of a group by itself; groups meet in shared memory.
//
// Steps between threads are barriers that every thread comes to, the fallback's too: a barrier in a branch takes PoCL's
// compiler minutes.
#pragma once

#include "normalization/two_pass.h"
#include "schedules/buffers.h"
#include "schedules/gpu_map_schedule.h"

namespace kiln {

struct DeviceSegments {
  Halide::LoopLevel block, thread;
  std::vector<Var> together;  // numbers the segments that a block has together
  std::vector<Expr> counts;   // how many these are, at most, where that depends on the block
  Expr parts;  // the same of what threads share in one of them: chains (contiguous) or groups (channels_last)
  int threads, steps;
  bool channels_last;
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

// Without these bounds Halide's host code walks over all blocks to find the most memory that one needs. Each bound
// costs a barrier.
inline Func bounded(Func f, const DeviceSegments &d) {
  for (size_t i = 0; i < d.together.size(); i++) {
    if (d.counts[i].defined()) f.bound_storage(d.together[i], d.counts[i]);
  }
  return f;
}

// A number for each of several, in shared memory. Halide 21 rounds the sum of what a block's arrays take up to 8 bytes,
// but the place of each array by itself, so that the last of several narrow ones reaches beyond the sum: their storage
// is made of whole multiples of 8.
inline Func whole_words(Func f, const Var &number) { return f.align_storage(number, 8); }

// Computed by one thread for each of the segments.
inline Halide::LoopLevel device_numbers(Func f, const DeviceSegments &d) {
  whole_words(f, d.together[0]);
  return device_threads(bounded(f.compute_at(d.block), d), {}, d.together, d.threads);
}

// Returns where one thread's part of a chain is computed.
inline Halide::LoopLevel device_reduction(Reduction &r, const DeviceSegments &d) {
  const Var quad("quad"), one("one");
  const auto four = [&](Halide::Stage s, const Var &l) { d.channels_last ? s.unroll(l, 4) : s.vectorize(l, 4); };
  // What threads share: channels side by side, or lanes.
  const auto shared = [&](Func f, const std::vector<Var> &threads) {
    four(bounded(f.compute_at(d.block), d).split(r.l, quad, one, 4), one);
    std::vector<Var> order{d.together[0]};
    for (const Var &v : f.args())
      if (!v.same_as(order[0])) order.push_back(v);
    if (d.channels_last) f.reorder_storage(order);
    return device_threads(f, {one}, threads, d.threads);
  };
  // The first numbers neighbouring threads.
  const auto with_together = [&](std::vector<Var> lanes) {
    lanes.insert(d.channels_last ? lanes.begin() : lanes.end(), d.together.begin(), d.together.end());
    return lanes;
  };
  Halide::LoopLevel of_chain;
  if (d.channels_last) {
    Func group = r.group.in(r.lane);
    if (d.parts.defined()) group.bound_storage(r.e, d.parts);
    four(in_registers(r.group.compute_at(shared(group, with_together({quad, r.e}))), r.l), r.l);
    of_chain = {r.group, r.chain_dom};
  } else {
    Func chain = r.chain.in(r.group);
    if (d.parts.defined()) chain.bound_storage(r.b, d.parts);
    of_chain = shared(chain, with_together({quad, r.b}));
  }
  const Halide::LoopLevel of_lane = shared(r.lane.in(r.fold8), with_together({quad}));
  four(in_registers(r.lane.compute_at(of_lane), r.l), r.l);
  four(r.lane.update(0).reorder(r.l, r.group_dom), r.l);
  r.lane.update(1).reorder(r.l, r.cut_dom).unroll(r.l, 4);
  if (!d.channels_last) four(in_registers(r.group.compute_at(r.lane, r.group_dom), r.l), r.l);
  four(r.group.update().reorder(r.l, r.chain_dom), r.l);
  four(in_registers(r.chain.compute_at(of_chain), r.l), r.l);
  four(r.chain.update().reorder(r.l, r.step_dom).unroll(r.step_dom, d.steps), r.l);
  return of_chain;
}

// All but the result, which the fallback's own numbers are a part of. Those of the first pass are what its first
// reduction takes from each value.
inline void device_passes(TwoPass &p, const DeviceSegments &d) {
  for (auto *pass : {&p.first, &p.fallback}) {
    for (Func f : pass->shared) device_numbers(f, d);
    for (auto &r : pass->reductions) {
      const Halide::LoopLevel of_chain = device_reduction(*r, d);
      if (r == p.first.reductions[0] && p.first.own.defined())
        in_registers(p.first.own.clone_in(r->chain).compute_at(of_chain));
    }
  }
  if (p.attempt.defined()) device_numbers(p.attempt, d);
}

inline void device_segments(TwoPass &p, const DeviceSegments &d) {
  device_passes(p, d);
  in_registers(p.result.compute_at(d.thread));
}

struct SegmentNumbers {
  int threads;   // in one block
  int channels;  // in one block: at most (contiguous), or where there are as many (channels_last)
  int steps;     // of a chain in one turn of its loop: 1, 2, 4 or 8
  int count;     // numbers k of each
};

// Segments of `partial`: of a few channels by each block of threads. Contiguous ones are so many that every chain has 4
// threads. `aligned` says whether the address of x is a multiple of 16 bytes.
template <class Buffer, class Output>
DeviceSegments device_blocks(Output &partial, const Var &k, const Segment &at, Buffer &x, const Expr &aligned,
                             bool channels_last, const SegmentNumbers &numbers) {
  const int span = channels_last ? ReductionShape::group_span : ReductionShape::chain_span;
  const Expr parts = Halide::clamp((x.dim(0).extent() + (span - 1)) / span, 1, ReductionShape::segment / span);
  const Expr enough =
      channels_last ? Expr(numbers.channels) : Halide::clamp(numbers.threads / (4 * parts), 1, numbers.channels);
  const Expr together = Halide::min(enough, x.dim(1).extent());
  const Var blocks("blocks"), thread("thread");
  const auto loops = [&](Halide::Stage s) {
    Var block("block");
    s.split(at.c, block, thread, together, Halide::TailStrategy::ShiftInwards)
        .reorder(k, thread, block, at.seg, at.n)
        .unroll(k)
        .fuse(block, at.seg, block)
        .fuse(block, at.n, blocks)
        .gpu_blocks(blocks)
        .gpu_threads(thread);
  };
  partial.bound(k, 0, numbers.count);
  if (!channels_last) {
    from_zero(x, partial);
    loops(partial.specialize(aligned && whole_vectors(x, 0)));
  }
  loops(partial);
  return {{partial, blocks}, {partial, thread}, {at.c},       {together}, parts,
          numbers.threads,   numbers.steps,     channels_last};
}

}  // namespace kiln
