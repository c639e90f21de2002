// Loop orders of local_response_norm: a row of positions (planes) or the channels of a position (pixels) at a time.
#pragma once

#include "normalization/local_response.h"

namespace kiln {

// Positions of a plane that one call may be given: so many rows of them as a window has channels stay in a cache.
inline constexpr int kMostPositions = 4096;

struct LocalResponseLoops {
  Var s, c, n;
  bool pixels;
  int vector_width;
};

inline void schedule_local_response(Func y, LocalResponse &r, const LocalResponseLoops &loops) {
  const Var lane = loops.pixels ? loops.c : loops.s, other = loops.pixels ? loops.s : loops.c;
  const int ring = 8;  // rows of the special window, up to a power of two
  const auto along_lanes = [&](Halide::Stage f) {
    return f.vectorize(lane, loops.vector_width, Halide::TailStrategy::GuardWithIf);
  };
  along_lanes(y.reorder(lane, other, loops.n));
  const Halide::LoopLevel row(y, other), sample(y, loops.n);
  for (Func f : {r.padded, r.result}) {
    along_lanes(f.compute_at(row).hoist_storage_root().reorder(lane, other, loops.n));
    if (loops.pixels) f.reorder_storage(loops.c, loops.s, loops.n);
  }
  // Rows slide over the channels; a row is copied before the result that replaces it.
  if (!loops.pixels) r.padded.store_at(sample);
  if (!loops.pixels && r.special()) r.padded.fold_storage(loops.c, ring);
  if (r.special()) {
    along_lanes(r.result.update().reorder(lane, other, loops.n));
    r.peak.compute_at(row);
    if (!loops.pixels) r.peak.store_at(sample).fold_storage(loops.c, ring);
    r.peak.update().atomic().vectorize(r.lane_dom, loops.vector_width, Halide::TailStrategy::GuardWithIf);
    return;
  }
  along_lanes(r.squares.compute_at(r.result, lane).bound_storage(lane, loops.vector_width));
  along_lanes(r.squares.update().reorder(lane, r.window_dom));
}

}  // namespace kiln
