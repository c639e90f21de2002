// One row at a time: its statistics, then its results while it is still in a cache.
#pragma once
#include "schedules/reduction.h"

namespace kiln {
// Segments of a row whose results are kept on the stack. The runtime gives no longer rows (runtime/layer_norm.cpp).
constexpr int kMostSegments = 256;

struct RowSchedule {
    Func y;
    Var s, r;
    Func coefficients, row_sum, row_mean, row_m2;
    SegmentMoments *m;
    Halide::ImageParam x;
    std::vector<Halide::Expr> cases;  // the memory layouts that there are, each with loops of its own
    int vector, unroll, rows, prefetch;
};

inline void schedule_rows(RowSchedule k) {
    using Halide::TailStrategy;
    Var so{"so"}, si{"si"}, ro{"ro"}, ri{"ri"}, sv{"sv"};
    const auto order = [&](Halide::Stage y) {
        y.split(k.r, ro, ri, k.rows, TailStrategy::GuardWithIf)
            .split(k.s, so, si, k.vector * k.unroll, TailStrategy::GuardWithIf)
            .split(si, sv, si, k.vector)
            .reorder(si, ri, sv, so, ro)
            .vectorize(si)
            .unroll(ri)
            .unroll(sv);
    };
    for (const Halide::Expr &c : k.cases) order(k.y.specialize(c));
    k.y.specialize_fail("a memory layout that the runtime does not use");
    if (k.prefetch > 0) k.y.prefetch(k.x, so, ro, k.prefetch);
    Halide::LoopLevel block(k.y, ro);
    for (Func f : {k.coefficients, k.row_sum, k.row_mean, k.row_m2}) f.compute_at(block).bound_storage(k.r, k.rows);
    SegmentMoments &m = *k.m;
    m.left.compute_at(block).bound_storage(m.seg, kMostSegments);
    m.result.compute_at(block).bound_storage(m.seg, kMostSegments).bound_storage(m.n, k.rows);
    Halide::LoopLevel at(m.result, m.seg);
    m.anchor.compute_at(at);
    schedule_lanes(*m.fast, at, k.vector);
    m.scale.compute_at(at);
    m.centre.compute_at(at);
    m.careful.compute_at(at);
    for (Reduction *r : {m.peak.get(), m.sum.get(), m.slow.get()}) schedule_lanes(*r, at, k.vector);
}
}  // namespace kiln
