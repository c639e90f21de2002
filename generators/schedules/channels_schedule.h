// Loop orders of the stages by channel, contiguous (positions side by side) and channels_last (channels side by side).
#pragma once

#include "schedules/reduction_schedule.h"

namespace kiln {

struct ChannelNumbers {
  LaneNumbers lanes;
  int block;  // channels worked on together, a multiple of the vector
};

// Which loops are taken. Halide settles a choice where its condition, or what it is not, is the condition of a
// specialization, so these are not joined.
struct PlaneKinds {
  Expr few_values;  // planes are short: of one group, or of one chain
  Expr enough;      // a block of short planes is whole
  Expr vectors;     // channels_last: there is a whole vector of channels
};

// Blocks of channels, the last one shifted inwards, as whole vectors.
inline void block_of_channels(Halide::Stage s, const Var &k, const Segment &at, int block, int vector_width) {
  const Var co("co");
  s.split(at.c, co, at.c, block, Halide::TailStrategy::ShiftInwards).reorder(at.c, k, at.seg, co, at.n).unroll(k);
  if (block > 1) s.vectorize(at.c, vector_width);
}

// Plane after plane. Returns where one is computed.
inline Halide::LoopLevel schedule_contiguous(Func partial, const Var &k, const Segment &at) {
  partial.reorder(k, at.seg, at.c, at.n).unroll(k);
  return {partial, at.c};
}

// Planes of few values in blocks, each of them one vector; fewer such planes as those of many values are, by vectors
// of `width` channels or one by one. Returns where a segment of a block is computed.
inline ChannelBlock schedule_short_planes(Func partial, const Var &k, const Segment &at, const PlaneKinds &kinds,
                                          const ChannelNumbers &numbers, int width) {
  partial.bound(k, 0, 2);
  Halide::Stage few = partial.specialize(kinds.few_values);
  block_of_channels(few.specialize(kinds.enough), k, at, numbers.block, numbers.block);
  if (kinds.vectors.defined()) {
    block_of_channels(few.specialize(kinds.vectors), k, at, width, width);
    block_of_channels(few, k, at, 1, 1);
  } else {
    few.reorder(k, at.seg, at.c, at.n).unroll(k);
  }
  return {{partial, at.seg}, at, numbers.lanes, numbers.block};
}

// Blocks of channels; fewer channels than a block by single vectors; and fewer than a vector one by one. Returns where
// a segment of a block is computed.
inline ChannelBlock schedule_channel_blocks(Func partial, const Var &k, const Segment &at, const Expr &channels,
                                            const PlaneKinds &kinds, const ChannelNumbers &numbers) {
  const int width = numbers.lanes.vector_width;
  Halide::Stage by_vectors = partial.specialize(kinds.vectors);
  block_of_channels(by_vectors.specialize(channels >= numbers.block), k, at, numbers.block, width);
  block_of_channels(by_vectors, k, at, width, width);
  block_of_channels(partial, k, at, 1, 1);
  return {{partial, at.seg}, at, numbers.lanes, numbers.block};
}

// Numbers k of a channel, all of them from the same intermediate results, channel after channel.
inline void schedule_combine(Func out, const std::vector<Var> &channels, const Var &k, int numbers,
                             const std::vector<Func> &intermediate) {
  std::vector<Halide::VarOrRVar> order{k};
  order.insert(order.end(), channels.begin(), channels.end());
  out.bound(k, 0, numbers).reorder(order).unroll(k);
  for (Func f : intermediate) f.compute_at(out, channels[0]);
}

// Loops over vectors of channels.
inline Halide::Stage vectors_of_channels(Halide::Stage s, const std::vector<Var> &channels, int vector_width,
                                         Halide::TailStrategy tail) {
  const Var vectors("vectors"), within("within");
  std::vector<Halide::VarOrRVar> order{within, vectors};
  order.insert(order.end(), channels.begin() + 1, channels.end());
  return s.split(channels[0], vectors, within, vector_width, tail).reorder(order).vectorize(within);
}

// A number of a channel and its intermediate results, whole vectors of channels at once.
inline void schedule_combine_vectors(Func out, const std::vector<Var> &channels, const std::vector<Func> &intermediate,
                                     int vector_width) {
  const Var channel = channels[0];
  const auto along = [&](Halide::Stage s) { s.vectorize(channel, vector_width, Halide::TailStrategy::GuardWithIf); };
  vectors_of_channels(out, channels, vector_width, Halide::TailStrategy::GuardWithIf);
  for (Func f : intermediate) {
    along(f.compute_at(out, Var("vectors")).bound_storage(channel, vector_width));
    for (int i = 0; i < f.num_update_definitions(); i++) along(f.update(i));
  }
}

// The same with numbers k, of what is not changed in place: the last vector is shifted inwards where there is a whole
// one.
inline void schedule_combine_vectors(Func out, const std::vector<Var> &channels, const Var &k, int numbers,
                                     const std::vector<Func> &intermediate, int vector_width) {
  out.bound(k, 0, numbers);
  const Expr whole = out.output_buffer().dim(0).extent() >= vector_width;
  vectors_of_channels(out.specialize(whole), channels, vector_width, Halide::TailStrategy::ShiftInwards)
      .reorder(k, Var("vectors"))
      .unroll(k);
  schedule_combine_vectors(out, channels, intermediate, vector_width);
  out.reorder(k, Var("vectors")).unroll(k);
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
// of a position, whose coefficients come from a cache each time. Fewer channels than a block: position after position
// of one block, or by single vectors, for a block that is cut short is slow.
inline void schedule_apply_channels_last(Func y, const Var &s, const Var &c, const Var &n, const ApplyNumbers &numbers,
                                         bool along_memory) {
  const int width = numbers.vector_width, block = width * numbers.unroll;
  const Expr channels = y.output_buffer().dim(1).extent();
  const auto loops = [&](Halide::Stage stage, int together, bool all_channels) {
    const Var co("co"), ci("ci");
    stage.split(c, co, ci, together, Halide::TailStrategy::GuardWithIf).vectorize(ci, width).unroll(ci);
    all_channels ? stage.reorder(ci, co, s, n) : stage.reorder(ci, s, co, n);
  };
  loops(y.specialize(along_memory ? channels <= block : channels < block), along_memory ? block : width, false);
  loops(y, block, along_memory);
}

}  // namespace kiln
