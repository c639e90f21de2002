// Loop orders of the stages by channel, contiguous (positions side by side) and channels_last (channels side by side).
#pragma once

#include "schedules/reduction_schedule.h"

namespace kiln {

// Plane after plane. Returns where one is computed.
inline Halide::LoopLevel schedule_contiguous(Func partial, const Var &k, const Segment &at, int numbers) {
  partial.bound(k, 0, numbers).reorder(k, at.seg, at.c, at.n).unroll(k);
  return {partial, at.c};
}

struct ChannelNumbers {
  LaneNumbers lanes;
  int block;   // channels worked on together, a multiple of the vector
  int count;   // numbers k of each
  bool small;  // the fallback is small code
};

// Blocks of channels: whole ones, the last one shifted inwards; fewer channels than a block by single vectors; and
// fewer than a vector, where `vectors` does not hold, one by one. Returns where a segment of a block is computed.
inline ChannelBlock schedule_channel_blocks(Func partial, const Var &k, const Segment &at, const Expr &channels,
                                            const Expr &vectors, const ChannelNumbers &numbers) {
  const Var co("co");
  const int width = numbers.lanes.vector_width;
  const auto blocks_of = [&](Halide::Stage s, int block) {
    s.split(at.c, co, at.c, block, Halide::TailStrategy::ShiftInwards).reorder(at.c, k, at.seg, co, at.n).unroll(k);
    if (block > 1) s.vectorize(at.c, width);
  };
  partial.bound(k, 0, numbers.count);
  Halide::Stage by_vectors = partial.specialize(vectors);
  blocks_of(by_vectors.specialize(channels >= numbers.block), numbers.block);
  blocks_of(by_vectors, width);
  blocks_of(partial, 1);
  return {Halide::LoopLevel(partial, at.seg), at, numbers.lanes, numbers.block, numbers.small};
}

// Short planes: blocks of them, each of them one vector, the last one shifted inwards. There is a whole one. Returns
// where a block is computed.
inline ChannelBlock schedule_short_planes(Func partial, const Var &k, const Segment &at,
                                          const ChannelNumbers &numbers) {
  const Var co("co");
  partial.bound(k, 0, numbers.count)
      .bound(at.seg, 0, 1)
      .split(at.c, co, at.c, numbers.block, Halide::TailStrategy::ShiftInwards)
      .reorder(at.c, k, at.seg, co, at.n)
      .unroll(k)
      .vectorize(at.c);
  return {Halide::LoopLevel(partial, at.seg), at, numbers.lanes, numbers.block, numbers.small};
}

// Numbers k of a channel, all of them from the same intermediate results, channel after channel.
inline void schedule_combine(Func out, const std::vector<Var> &channels, const Var &k, int numbers,
                             const std::vector<Func> &intermediate) {
  std::vector<Halide::VarOrRVar> order{k};
  order.insert(order.end(), channels.begin(), channels.end());
  out.bound(k, 0, numbers).reorder(order).unroll(k);
  for (Func f : intermediate) f.compute_at(out, channels[0]);
}

// A number of a channel and its intermediate results, whole vectors of channels at once.
inline void schedule_combine_vectors(Func out, const std::vector<Var> &channels, const std::vector<Func> &intermediate,
                                     int vector_width) {
  const Var vectors("vectors"), within("within"), channel = channels[0];
  const auto along = [&](Halide::Stage s) { s.vectorize(channel, vector_width, Halide::TailStrategy::GuardWithIf); };
  std::vector<Halide::VarOrRVar> order{within, vectors};
  order.insert(order.end(), channels.begin() + 1, channels.end());
  out.split(channel, vectors, within, vector_width, Halide::TailStrategy::GuardWithIf).reorder(order).vectorize(within);
  for (Func f : intermediate) {
    along(f.compute_at(out, vectors).bound_storage(channel, vector_width));
    for (const Var &other : f.args())  // on the stack: no kernel of numbers asks for memory
      if (!other.same_as(channel)) f.bound_storage(other, 1);
    for (int i = 0; i < f.num_update_definitions(); i++) along(f.update(i));
  }
}

// The same with numbers k.
inline void schedule_combine_vectors(Func out, const std::vector<Var> &channels, const Var &k, int numbers,
                                     const std::vector<Func> &intermediate, int vector_width) {
  schedule_combine_vectors(out, channels, intermediate, vector_width);
  std::vector<Halide::VarOrRVar> order{k, Var("vectors")};
  if (!intermediate.empty()) order.insert(order.end(), channels.begin() + 1, channels.end());  // they are of one vector
  out.bound(k, 0, numbers).reorder(order).unroll(k);
}

// The same of sets, channels[1], that have one channel each, where the condition holds.
inline void schedule_combine_sets(Func out, const std::vector<Var> &channels, const Var &k, int numbers,
                                  const Expr &single, int vector_width) {
  const Var vectors("vectors"), within("within");
  out.specialize(out.output_buffer().dim(0).extent() == 1 && single)
      .split(channels[1], vectors, within, vector_width, Halide::TailStrategy::GuardWithIf)
      .reorder(within, k, channels[0], vectors, channels[2])
      .vectorize(within)
      .unroll(k);
  schedule_combine_vectors(out, channels, k, numbers, {}, vector_width);
}

struct ApplyNumbers {
  int vector_width;  // elements in one vector
  int unroll;        // vectors in one turn of the loop
};

inline void schedule_apply_contiguous(Func y, const Var &s, const ApplyNumbers &numbers) {
  Var so("so"), si("si");
  y.split(s, so, si, numbers.vector_width * numbers.unroll, Halide::TailStrategy::GuardWithIf)
      .vectorize(si, numbers.vector_width)
      .unroll(si);
}

// Position after position of a block of channels, whose coefficients stay in registers; or, along memory, all channels
// of a position, whose coefficients come from a cache each time.
inline void schedule_apply_channels_last(Func y, const Var &s, const Var &c, const Var &n, const ApplyNumbers &numbers,
                                         bool along_memory) {
  Var co("co"), ci("ci");
  y.split(c, co, ci, numbers.vector_width * numbers.unroll, Halide::TailStrategy::GuardWithIf)
      .vectorize(ci, numbers.vector_width)
      .unroll(ci);
  along_memory ? y.reorder(ci, co, s, n) : y.reorder(ci, s, co, n);
}

// Either of them.
inline void schedule_apply(Func y, const Var &s, const Var &c, const Var &n, const ApplyNumbers &numbers,
                           bool channels_last, bool along_memory) {
  channels_last ? schedule_apply_channels_last(y, s, c, n, numbers, along_memory)
                : schedule_apply_contiguous(y, s, numbers);
}

}  // namespace kiln
