// Loop orders of elementwise kernels. The numbers come from schedules/<target>.json.
#pragma once

#include <Halide.h>

namespace kiln {

struct PointwiseNumbers {
  int vector_width;  // elements in one vector
  int interleave;    // vectors computed together, step by step, so that one's latency is hidden by the others
};

// Every loop is guarded at its tail: the output may be the input, so no element may be computed twice. What is shorter
// than one turn gets a loop of single vectors, whose tail costs less.
inline void schedule_dense(Halide::Func output, const Halide::Var &x, const Halide::Expr &extent,
                           const PointwiseNumbers &numbers) {
  const int together = numbers.vector_width * numbers.interleave;
  output.specialize(extent < together).vectorize(x, numbers.vector_width, Halide::TailStrategy::GuardWithIf);
  output.vectorize(x, together, Halide::TailStrategy::GuardWithIf);
}

// Lines along x under any strides; where both are 1, as dense ones.
inline void schedule_strided(Halide::Func output, const Halide::Var &x, const Halide::Expr &adjacent,
                             const PointwiseNumbers &numbers) {
  Halide::Var lane("lane");
  output.specialize(adjacent).vectorize(x, numbers.vector_width, Halide::TailStrategy::GuardWithIf);
  output.vectorize(x, numbers.vector_width, Halide::TailStrategy::GuardWithIf);
}

}  // namespace kiln
