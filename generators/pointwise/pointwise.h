// The elementwise operators' algorithms, one file each: pointwise/<name>.cpp defines `Result <name>(Real x, Accuracy)`,
// pointwise/<name>_backward.cpp, the gradient, `Result <name>_backward(Real grad_output, Real x, Accuracy)`.
#pragma once

#include <optional>
#include <vector>

#include "../math/accuracy.h"
#include "../math/quotient.h"
#include "../math/real.h"

namespace kiln::pointwise {

struct Result {
  Real value;
  std::optional<Halide::Expr> defined;  // where it is there, the result is NaN elsewhere, whatever the value is
  std::optional<Real>
      rest;  // of Rounded; without it a value halfway between two numbers of storage goes to the even one

  // NaN where the value is.
  Result(const Real &value) : value(value) {}  // NOLINT: a formula reads as one
  Result(const Real &value, const Halide::Expr &defined) : value(value), defined(defined) {}
  Result(const Rounded &r) : value(r.value), rest(r.rest) {}  // NOLINT
  Result(const Rounded &r, const Halide::Expr &defined) : value(r.value), defined(defined), rest(r.rest) {}
};

// That of the operator whose generator this is, and whether it is a gradient, which has two inputs: the build binds
// them (forward.cpp.in, backward.cpp.in).
extern const bool is_gradient;
Result algorithm(const std::vector<Real> &inputs, Accuracy accuracy);

}  // namespace kiln::pointwise
