// Loop orders of local_response_norm: a row of positions (contiguous) or all channels of some positions (channels_last)
// at a time.
#pragma once

#include "normalization/local_response.h"

namespace kiln {

struct LocalResponseLoops {
  Var s, c, n;
  bool channels_last;
  int vector_width;
  int positions;  // of a tile, where channels are side by side
  int prefetch;   // rows of positions that x is fetched ahead of its use; 0 for none
};

// Squares of all channels of a tile, and then what is made of them: no window is read before its stores have ended.
inline void tiles_of_local_response(Func y, LocalResponse &r, const LocalResponseLoops &loops) {
  const Var tile("tile"), within("within"), vector("vector"), element("element"), of_vector("of_vector");
  const Halide::RVar vectors("vectors"), lane("lane");
  const auto guard = Halide::TailStrategy::GuardWithIf;
  const int width = loops.vector_width;
  y.split(loops.s, tile, within, loops.positions, guard)
      .split(loops.c, vector, element, width, guard)
      .reorder(element, vector, within, tile, loops.n)
      .vectorize(element);
  y.specialize(r.whole_vectors);
  r.square.align_bounds(loops.c, width);  // channel 0 begins a line of the cache
  r.square.update(0).unroll(r.edge_dom).reorder(r.edge_dom, loops.s, loops.n);
  r.square.update(1)
      .split(r.lane_dom, vectors, lane, width, guard)
      .reorder(lane, vectors, loops.s, loops.n)
      .vectorize(lane);
  r.fallback.update()
      .split(loops.c, vector, element, width, guard)
      .reorder(element, vector, loops.s, loops.n, r.rare_dom)
      .vectorize(element);
  for (Func f : {r.square, r.fallback}) {
    f.compute_at(y, tile).hoist_storage_root().align_storage(loops.c, width);
    f.reorder_storage(loops.c, loops.s, loops.n);
  }
  Func by_lane = r.largest.update().split(r.tile_dom.y, vectors, lane, width, guard).rfactor(lane, of_vector);
  by_lane.vectorize(of_vector);
  by_lane.update().vectorize(of_vector);
  for (Func f : {by_lane, r.largest, r.second}) {
    f.compute_at(y, tile).store_in(Halide::MemoryType::Stack);
    for (int d = 0; d < 2; d++) f.bound_storage(f.args()[d], 1);
  }
}

inline void schedule_local_response(Func y, const Halide::ImageParam &x, LocalResponse &r,
                                    const LocalResponseLoops &loops) {
  const Var lane = loops.channels_last ? loops.c : loops.s, other = loops.channels_last ? loops.s : loops.c;
  const Var vector("vector"), element("element");
  const int ring = 8;  // rows of the special window, up to a power of two
  const auto guard = Halide::TailStrategy::GuardWithIf;
  const auto along_lanes = [&](Halide::Stage f) { return f.vectorize(lane, loops.vector_width, guard); };
  const Halide::LoopLevel row(y, other), sample(y, loops.n);
  if (!r.special()) {
    y.reorder(lane, other, loops.n).split(lane, vector, element, loops.vector_width, guard).vectorize(element);
    along_lanes(r.squares.compute_at(y, vector).bound_storage(lane, loops.vector_width));
    along_lanes(r.squares.update().reorder(lane, r.window_dom));
    return;
  }
  if (loops.channels_last) return tiles_of_local_response(y, r, loops);
  y.reorder(lane, other, loops.n).split(lane, vector, element, loops.vector_width, guard).vectorize(element);
  if (loops.prefetch > 0) y.prefetch(x, vector, other, loops.prefetch, Halide::PrefetchBoundStrategy::NonFaulting);
  // Too much for the stack: all of it comes from halide_malloc before the first result is written.
  for (Func f : {r.base, r.square, r.fallback}) {
    along_lanes(
        f.compute_at(row).hoist_storage_root().align_storage(lane, loops.vector_width).reorder(lane, other, loops.n));
  }
  along_lanes(r.fallback.update().reorder(lane, other, loops.n, r.rare_dom));
  // Rows of squares slide over the channels.
  r.square.store_at(sample).fold_storage(loops.c, ring);
  const Var of_vector("of_vector");
  const Halide::RVar vectors("vectors"), within("within");
  Func by_lane = r.strangest.update()
                     .split(r.lane_dom, vectors, within, loops.vector_width, Halide::TailStrategy::GuardWithIf)
                     .rfactor(within, of_vector);
  by_lane.compute_at(row).vectorize(of_vector);
  by_lane.update().vectorize(of_vector);
  r.strangest.compute_at(row);
}

}  // namespace kiln
