// Loop orders of the reduction for values that lie side by side along the lanes.
#pragma once
#include "normalization/moments.h"

namespace kiln {
// Everything of one segment is computed where `at` says, lanes as vectors, the steps of a chain in registers.
inline void schedule_lanes(Reduction &r, Halide::LoopLevel at, int vector) {
    using Halide::TailStrategy;
    int v = std::min(vector, ReductionShape::lanes);
    for (Func f : {r.fold8, r.fold4, r.fold2, r.total}) f.compute_at(at);
    r.fold8.vectorize(r.l, std::min(v, 8));
    r.fold4.vectorize(r.l, std::min(v, 4));
    r.fold2.vectorize(r.l, 2);
    Var li{"li"};
    r.lane.compute_at(at).vectorize(r.l, v);
    r.lane.update().reorder(r.l, r.group_dom).vectorize(r.l, v);
    r.lane.unroll(r.l);
    r.lane.update().unroll(r.l).partition(r.group_dom, Halide::Partition::Never);
    r.group.compute_at(r.lane, r.group_dom).vectorize(r.l, v).unroll(r.l);
    r.group.update().reorder(r.l, r.chain_dom).vectorize(r.l, v).unroll(r.l);
    r.chain.compute_at(r.group, r.chain_dom).vectorize(r.l, v).unroll(r.l);
    r.chain.update().reorder(r.l, r.step_dom).vectorize(r.l, v).unroll(r.l).unroll(r.step_dom);
    r.chain.update(1).reorder(r.l, r.cut_dom).vectorize(r.l, v).unroll(r.l);
}
}  // namespace kiln
