// Loop orders on devices of the stages that write each element by itself: elements, and numbers of channels.
#pragma once

#include <Halide.h>

#include <string>
#include <vector>

#include "schedules/buffers.h"

namespace kiln {

struct DeviceNumbers {
  int threads;  // in one block, at most
  int unroll;   // vectors that a thread has, a block's width apart, or positions
};

// A block is a rectangle of threads, `along` memory and across it, wide enough for the extent along memory and no
// wider, nor wider than `widest`.
struct Rectangle {
  Halide::Var along, across;
  std::vector<Halide::Var> outer;
  Halide::Expr extent;  // along memory
  int repeat_along, repeat_across, widest;

  static Halide::Var innermost() { return Halide::Var("turn_along"); }

  // Vectors of `width` elements, of which the extent is a multiple.
  void loops(Halide::Stage y, int width, int threads) const {
    using Halide::TailStrategy;
    using Halide::Var;
    const Var element("element"), vector("vector"), turn_along = innermost(), turn_across("turn_across"),
                                                    column("column"), row("row"), blocks("blocks");
    std::vector<Halide::VarOrRVar> order{element, turn_along, turn_across, column, row, vector, across};
    order.insert(order.end(), outer.begin(), outer.end());
    const int span = width * repeat_along;
    const Halide::Expr columns = Halide::clamp((extent + (span - 1)) / span, 1, std::min(widest, threads)),
                       rows = threads / columns;
    y.split(along, vector, element, width, TailStrategy::RoundUp)
        .split(vector, vector, column, columns, TailStrategy::GuardWithIf)
        .split(vector, vector, turn_along, repeat_along, TailStrategy::GuardWithIf)
        .split(across, across, turn_across, repeat_across, TailStrategy::GuardWithIf)
        .split(across, across, row, rows, TailStrategy::GuardWithIf)
        .reorder(order)
        .fuse(vector, across, blocks)
        .vectorize(element)
        .unroll(turn_along)
        .unroll(turn_across)
        .gpu_threads(column, row);
    for (const Var &each : outer) y.fuse(blocks, each, blocks);
    y.gpu_blocks(blocks);
  }
};

// y(s, c, n), whose dimension `dense` lies side by side: 0, positions, or 1, channels. `whole` says whether all that is
// read and written by vectors of 4 is whole ones.
template <class Output>
void device_apply(Output &y, const Halide::Var &s, const Halide::Var &c, const Halide::Var &n, int dense,
                  const Halide::Expr &whole, const DeviceNumbers &numbers) {
  Rectangle each{s, c, {n}, y.dim(dense).extent(), numbers.unroll, 1, numbers.threads};
  if (dense == 1) each = {c, s, {n}, y.dim(dense).extent(), 1, numbers.unroll, numbers.threads};
  each.loops(y.specialize(whole), 4, numbers.threads);
  each.loops(y, 1, numbers.threads);
}

// Numbers of channels, and what they are made of: a thread each.
inline void device_combine(Halide::Func out, const std::vector<Halide::Var> &channels,
                           const std::vector<Halide::Func> &intermediate, int threads) {
  using Halide::Var;
  Var all = channels[0], thread("thread");
  for (size_t d = 1; d < channels.size(); d++) {
    const Var inner = all;
    all = Var("all" + std::to_string(d));
    out.fuse(inner, channels[d], all);
  }
  const Var block("block");
  out.split(all, block, thread, threads, Halide::TailStrategy::GuardWithIf).gpu_blocks(block).gpu_threads(thread);
  for (Halide::Func f : intermediate) {
    f.compute_at(out, thread);
    for (const Var &v : f.args()) f.bound_storage(v, 1);  // of one thread, which has one of each
  }
}

// The same with a few numbers k per channel.
inline void device_combine(Halide::Func out, const std::vector<Halide::Var> &channels, const Halide::Var &k,
                           int numbers, const std::vector<Halide::Func> &intermediate, int threads) {
  std::vector<Halide::VarOrRVar> order{k};
  order.insert(order.end(), channels.begin(), channels.end());
  out.bound(k, 0, numbers).reorder(order).unroll(k);
  device_combine(out, channels, intermediate, threads);
}

}  // namespace kiln
