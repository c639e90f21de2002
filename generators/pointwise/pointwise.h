// The elementwise operators' algorithms, one file each: pointwise/<name>.cpp defines `Result <name>(Real x, Accuracy)`.
#pragma once

#include "../math/accuracy.h"
#include "../math/real.h"

namespace kiln::pointwise {

struct Result {
  Real value;
  Halide::Expr defined;  // the result is NaN elsewhere, whatever the value is

  // NaN where the value is.
  Result(const Real &value) : Result(value, !is_nan(value)) {}  // NOLINT: a formula reads as one
  Result(const Real &value, const Halide::Expr &defined) : value(value), defined(defined) {}
};

// That of the operator whose generator this is: the build binds it (algorithm.cpp.in).
Result algorithm(Real x, Accuracy accuracy);

}  // namespace kiln::pointwise
