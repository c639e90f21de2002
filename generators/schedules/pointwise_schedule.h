// Loop orders of elementwise kernels. The numbers come from schedules/<target>.json.
#pragma once

#include <Halide.h>

#include <string>
#include <vector>

#include "schedules/buffers.h"

namespace kiln {

struct PointwiseNumbers {
  int vector_width;  // elements in one vector
  int interleave;    // vectors computed together, step by step, so that one's latency is hidden by the others
  int threads;       // on devices: threads in one block
};

// Every loop is guarded at its tail: the output may be the input, so no element may be computed twice. What is shorter
// than one turn gets a loop of single vectors, whose tail costs less.
inline void schedule_dense(Halide::Func output, const Halide::Var &x, const Halide::Expr &extent,
                           const PointwiseNumbers &numbers) {
  const int together = numbers.vector_width * numbers.interleave;
  output.specialize(extent < together).vectorize(x, numbers.vector_width, Halide::TailStrategy::GuardWithIf);
  output.vectorize(x, together, Halide::TailStrategy::GuardWithIf);
}

// Lines along x of an output that shares no memory with the input: the last turn begins early, and computes some elements
// a second time, where a line is long enough.
inline void schedule_lines(Halide::Func output, const Halide::Var &x, const Halide::Expr &extent,
                           const PointwiseNumbers &numbers) {
  const int width = numbers.vector_width, together = width * numbers.interleave;
  for (int turn : {together, width})
    output.specialize(extent >= turn).vectorize(x, turn, Halide::TailStrategy::ShiftInwards);
  output.vectorize(x, width, Halide::TailStrategy::GuardWithIf);
}

// Lines along x under any strides; where both are 1, as dense ones.
inline void schedule_strided(Halide::Func output, const Halide::Var &x, const Halide::Expr &adjacent,
                             const PointwiseNumbers &numbers) {
  Halide::Var lane("lane");
  output.specialize(adjacent).vectorize(x, numbers.vector_width, Halide::TailStrategy::GuardWithIf);
  output.vectorize(x, numbers.vector_width, Halide::TailStrategy::GuardWithIf);
}

// On devices: a thread has one vector, and its neighbour the next, so that a warp's accesses are adjacent. The guard
// splits a vector into elements at the end alone.
template <class Input, class Output>
void schedule_dense_on_device(Input &input, Output &output, const Halide::Var &x, const PointwiseNumbers &numbers) {
  from_zero(input, output);
  Halide::Var block("block"), thread("thread"), lane("lane");
  const auto guard = Halide::TailStrategy::GuardWithIf;
  output.split(x, thread, lane, numbers.vector_width, guard).split(thread, block, thread, numbers.threads, guard);
  output.gpu_blocks(block).gpu_threads(thread).vectorize(lane).never_partition(block, thread);
}

// Any strides, on devices. All dimensions as one row of elements, an element a thread: neighbours are adjacent along
// the innermost dimension, whatever its extent. The input's last dimension carries where the input begins.
template <class Input, class Output>
void schedule_strided_on_device(Input &input, Output &output, const std::vector<Halide::Var> &dimensions, int threads) {
  from_zero(input, output);
  free_stride(input, input.dimensions() - 1);
  free_stride(output);
  Halide::Var all = dimensions[0], block("block"), thread("thread");
  for (size_t d = 1; d < dimensions.size(); ++d) {
    const Halide::Var inner = all;
    all = Halide::Var("all" + std::to_string(d));
    output.fuse(inner, dimensions[d], all);
  }
  output.gpu_tile(all, block, thread, threads, Halide::TailStrategy::GuardWithIf);
  output.never_partition(block, thread);
}

}  // namespace kiln
