// Loop orders on devices of rows: y(s, r) from x(s, r) and parameters of each position, weight(s) and bias(s).
#pragma once

#include "schedules/gpu_reduction_schedule.h"

namespace kiln {

struct DeviceRows {
  Func y;
  Var s, r;
  std::vector<Expr> whole;  // whole vectors, with weight and bias per position, or with one each throughout
};

// `aligned` says whether the addresses are multiples of 16 bytes, where weight and bias have one value throughout those
// of x and y.
template <class Output, class Input, class... Parameters>
std::vector<Expr> whole_rows(const Expr &aligned, const std::vector<Expr> &memory, Output &y, Input &x,
                             Parameters &...parameters) {
  from_zero(y, x, parameters...);
  const Expr whole = aligned && whole_vectors(x, 0) && whole_vectors(y, 0);
  return {((whole && memory[0]) && ... && whole_vectors(parameters, 0)), whole && memory[1]};
}

// Rows whose coefficients are known.
inline void device_row_apply(DeviceRows rows, const Expr &length, const DeviceNumbers &numbers) {
  const Rectangle each{rows.s, rows.r, {}, length, numbers.unroll, 1, numbers.threads};
  for (const Expr &whole : rows.whole) each.loops(rows.y.specialize(whole), 4, numbers.threads);
  each.loops(rows.y, 1, numbers.threads);
}

// A block has as many rows as its threads are enough for, all their segments at once, and then writes them.
template <class Row>
void device_row_norm(DeviceRows rows, const Expr &length, Func coefficients, Row &of_row, int threads, int steps) {
  using Halide::TailStrategy;
  const Var block("block"), row("row"), vector("vector"), element("element"), turn("turn"), thread("thread");
  const int span = ReductionShape::chain_span;
  const Expr chains = Halide::max((length + (span - 1)) / span, 1);
  const Expr together = Halide::max(threads / (4 * chains), 1);
  const auto loops = [&](Halide::Stage y, int width) {
    y.split(rows.r, block, row, together, TailStrategy::GuardWithIf)
        .split(rows.s, vector, element, width, TailStrategy::RoundUp)
        .reorder(element, vector, row, block)
        .vectorize(element)
        .fuse(vector, row, vector)
        .split(vector, turn, thread, threads, TailStrategy::GuardWithIf)
        .reorder(element, turn, thread, block)
        .gpu_blocks(block)
        .gpu_threads(thread);
  };
  for (const Expr &whole : rows.whole) loops(rows.y.specialize(whole), 4);
  loops(rows.y, 1);
  const Halide::LoopLevel in_block(rows.y, block);
  TwoPass &m = of_row.segments;
  const Var seg(m.left.args()[0]);
  const DeviceSegments d{in_block, in_block, {seg, rows.r}, {Expr(), together}, Expr(), threads, steps, false};
  device_passes(m, d);
  device_numbers(m.result, d);
  whole_words(coefficients.compute_at(in_block).bound_storage(rows.r, together), rows.r);
  const Halide::LoopLevel turn_of_row = device_threads(coefficients, {}, {rows.r}, threads);
  for (Func f : of_row.numbers()) in_registers(f.compute_at(turn_of_row));
}

}  // namespace kiln
