// Loop orders of rows: y(s, r) from x(s, r) and parameters of each position, weight(s) and bias(s).
#pragma once

#include "schedules/buffers.h"
#include "schedules/reduction_schedule.h"

namespace kiln {

struct RowsNumbers {
  int vector_width;  // elements in one vector
  int unroll;        // vectors in one turn of the loop that writes
  int rows;          // rows that are written together
};

// Memory of weight and bias: one value per position each, or one value throughout each. Loops are made for both.
template <class... Parameters>
std::vector<Expr> memory_of_parameters(Parameters &...parameters) {
  std::vector<Expr> cases;
  for (int stride : {1, 0}) cases.push_back((... && (parameters.dim(0).stride() == stride)));
  (free_stride(parameters), ...);
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
  y.specialize_fail("memory of parameters that the runtime does not use");
  return {y, ro};
}

// The coefficients of a block of rows, and what they are made of (row_moments.h), then its results while
// the rows are still in a cache.
template <class Row>
void schedule_row_norm(Func y, const Var &s, const Var &r, const std::vector<Expr> &cases, Func coefficients, Row &row,
                       const RowsNumbers &numbers, int steps) {
  const Halide::LoopLevel block = schedule_rows(y, s, r, cases, numbers);
  std::vector<Func> of_row = row.numbers();
  of_row.insert(of_row.end(), {coefficients, row.segments.result});
  for (Func f : of_row) f.compute_at(block).bound_storage(r, numbers.rows);
  schedule_segments(row.segments, block, kMostSegments, {numbers.vector_width, steps});
}

}  // namespace kiln
