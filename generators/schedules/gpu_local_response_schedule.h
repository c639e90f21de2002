// Loop orders of local_response_norm on devices: an element a thread. The threads of a block have neighbouring channels
// too, so that a window is read from a cache but once.
#pragma once

#include "normalization/local_response.h"
#include "schedules/gpu_map_schedule.h"

namespace kiln {

inline void device_local_response(Func y, LocalResponse &r, const Rectangle &each, int threads) {
  each.loops(y, 1, threads);
  for (Func f : {r.squares, r.base, r.fallback}) {
    if (!f.defined()) continue;
    f.compute_at(y, Rectangle::innermost());
    for (const Var &v : f.args()) f.bound_storage(v, 1);
  }
}

}  // namespace kiln
