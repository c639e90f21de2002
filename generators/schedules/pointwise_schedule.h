// Loop orders of elementwise kernels. The numbers come from schedules/<target>.json.
#pragma once

#include <Halide.h>

namespace kiln {

struct PointwiseNumbers {
  int vector_width;  // elements in one vector
  int unroll;        // vectors in one turn of the loop
};

// Every loop is guarded at its tail: the output may be the input, so no element may be computed twice.
inline void schedule_dense(Halide::Func output, const Halide::Var &x, const PointwiseNumbers &numbers) {
  Halide::Var turn("turn"), vector("vector"), lane("lane");
  output.split(x, vector, lane, numbers.vector_width, Halide::TailStrategy::GuardWithIf)
      .split(vector, turn, vector, numbers.unroll, Halide::TailStrategy::GuardWithIf)
      .vectorize(lane)
      .unroll(vector);
}

// Lines along x under any strides; where both are 1, as dense ones.
inline void schedule_strided(Halide::Func output, const Halide::Var &x, const Halide::Expr &adjacent,
                             const PointwiseNumbers &numbers) {
  Halide::Var lane("lane");
  output.specialize(adjacent).vectorize(x, numbers.vector_width, Halide::TailStrategy::GuardWithIf);
  output.vectorize(x, numbers.vector_width, Halide::TailStrategy::GuardWithIf);
}

}  // namespace kiln
