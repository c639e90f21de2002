// Loop orders of the gradient of local_response_norm: on CPUs slopes of all channels of some positions, and then what
// is made of them; on devices an element a thread.
#pragma once

#include "normalization/local_response_gradient.h"
#include "schedules/gpu_map_schedule.h"

namespace kiln {

struct ResponseGradientLoops {
  Var s, c, n;
  bool channels_last;
  int vector_width;
};

// Lines of positions, all channels of a sample's positions at once; or all channels of a position.
inline void schedule_response_gradient(Func y, LocalResponseGradient &r, const ResponseGradientLoops &loops) {
  const Var lane = loops.channels_last ? loops.c : loops.s, other = loops.channels_last ? loops.s : loops.c;
  const Var vector("vector"), element("element");
  const Halide::RVar vectors("vectors"), within("within");
  const auto guard = Halide::TailStrategy::GuardWithIf;
  const int width = loops.vector_width;
  const Halide::LoopLevel whole(y, loops.channels_last ? loops.s : loops.n);
  const auto along = [&](Halide::Stage f) { return f.vectorize(lane, width, guard); };
  const auto in_vector = [&](Func f, const Halide::LoopLevel &at) {
    along(f.compute_at(at).bound_storage(lane, width));
    along(f.update().reorder(lane, r.window_dom));
  };
  y.reorder(lane, other, loops.n).split(lane, vector, element, width, guard).vectorize(element);
  in_vector(r.sums, {y, vector});
  for (Func f : {r.square, r.parts}) {
    f.compute_at(whole).hoist_storage_root().align_storage(lane, width).reorder_storage(lane, other, loops.n);
    Halide::Stage edges = f.update(0), all = f.update(1);
    all.split(loops.channels_last ? r.channel : r.position, vectors, within, width, guard).vectorize(within);
    if (loops.channels_last) {
      edges.reorder(r.edge_dom, loops.s, loops.n);
      all.reorder(within, vectors, loops.s, loops.n);
    } else {
      along(edges.reorder(lane, r.edge_dom, loops.n));
      all.reorder(within, vectors, r.channel, loops.n);
    }
  }
  in_vector(r.squares, {r.parts, vectors});
}

inline void device_response_gradient(Func y, LocalResponseGradient &r, const Rectangle &each, int threads) {
  each.loops(y, 1, threads);
  r.sums.compute_at(y, Rectangle::innermost());
  for (Func f : {r.squares, r.base, r.inverse}) f.compute_at(r.sums, r.window_dom);
  for (Func f : {r.sums, r.squares, r.base, r.inverse})
    for (const Var &v : f.args()) f.bound_storage(v, 1);
}

}  // namespace kiln
