// Loop orders of local_response_norm: a row of positions (contiguous) or the channels of a position (channels_last) at
// a time.
#pragma once

#include "normalization/local_response.h"

namespace kiln {

struct LocalResponseLoops {
  Var s, c, n;
  bool channels_last;
  int vector_width;
  int prefetch;  // rows of positions that x is fetched ahead of its use; 0 for none
};

inline void schedule_local_response(Func y, const Halide::ImageParam &x, LocalResponse &r,
                                    const LocalResponseLoops &loops) {
  const Var lane = loops.channels_last ? loops.c : loops.s, other = loops.channels_last ? loops.s : loops.c;
  const Var vector("vector"), element("element");
  const int ring = 8;  // rows of the special window, up to a power of two
  const auto along_lanes = [&](Halide::Stage f) {
    return f.vectorize(lane, loops.vector_width, Halide::TailStrategy::GuardWithIf);
  };
  const Halide::LoopLevel row(y, other), sample(y, loops.n);
  y.reorder(lane, other, loops.n)
      .split(lane, vector, element, loops.vector_width, Halide::TailStrategy::GuardWithIf)
      .vectorize(element);
  if (!r.special()) {
    along_lanes(r.squares.compute_at(y, vector).bound_storage(lane, loops.vector_width));
    along_lanes(r.squares.update().reorder(lane, r.window_dom));
    return;
  }
  if (loops.prefetch > 0) y.prefetch(x, vector, other, loops.prefetch, Halide::PrefetchBoundStrategy::NonFaulting);
  // Too much for the stack: all of it comes from halide_malloc before the first result is written.
  for (Func f : {r.base, r.square, r.fallback}) {
    along_lanes(
        f.compute_at(row).hoist_storage_root().align_storage(lane, loops.vector_width).reorder(lane, other, loops.n));
    if (loops.channels_last) f.reorder_storage(loops.c, loops.s, loops.n);
  }
  along_lanes(r.fallback.update().reorder(lane, other, loops.n, r.rare_dom));
  // Rows of squares slide over the channels.
  if (!loops.channels_last) r.square.store_at(sample).fold_storage(loops.c, ring);
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
