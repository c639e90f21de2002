// Loop orders of rows: y(s, r) from x(s, r), weight(s) and bias(s).
#pragma once

#include "normalization/row_moments.h"
#include "schedules/buffers.h"
#include "schedules/reduction_schedule.h"

namespace kiln {

struct RowsNumbers {
  int vector_width;  // elements in one vector
  int unroll;        // vectors in one turn of the loop that writes
  int rows;          // rows that are written together
};

// Memory of weight and bias: one value per position each, or one value throughout each. Loops are made for both.
inline std::vector<Expr> memory_of_parameters(Halide::ImageParam weight, Halide::ImageParam bias) {
  std::vector<Expr> cases;
  for (int stride : {1, 0}) cases.push_back(weight.dim(0).stride() == stride && bias.dim(0).stride() == stride);
  free_stride(weight);
  free_stride(bias);
  return cases;
}

// Returns the loop over blocks of rows.
inline Halide::LoopLevel schedule_rows(Func y, const Var &s, const Var &r, const std::vector<Expr> &cases,
                                       const RowsNumbers &numbers) {
  using Halide::TailStrategy;
  Var so("so"), si("si"), ro("ro"), ri("ri"), sv("sv");
  for (const Expr &each : cases) {
    y.specialize(each)
        .split(r, ro, ri, numbers.rows, TailStrategy::GuardWithIf)
        .split(s, so, si, numbers.vector_width * numbers.unroll, TailStrategy::GuardWithIf)
        .split(si, sv, si, numbers.vector_width)
        .reorder(si, ri, sv, so, ro)
        .vectorize(si)
        .unroll(ri)
        .unroll(sv);
  }
  y.specialize_fail("memory of weight and bias that the runtime does not use");
  return {y, ro};
}

// The statistics of a block of rows, then its results while the rows are still in a cache.
inline void schedule_layer_norm(Func y, const Var &s, const Var &r, const std::vector<Expr> &cases, Func coefficients,
                                RowMoments &moments, const RowsNumbers &numbers, int steps) {
  const Halide::LoopLevel block = schedule_rows(y, s, r, cases, numbers);
  for (Func f : {coefficients, moments.sum, moments.mean, moments.m2, moments.segments.result}) {
    f.compute_at(block).bound_storage(r, numbers.rows);
  }
  schedule_segments(moments.segments, block, kMostSegments, {numbers.vector_width, steps});
}

}  // namespace kiln
