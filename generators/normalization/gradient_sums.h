// What the gradient of a normalization sums over a segment. With the standardized value n0 = (x - mean) rstd, the mean
// in float32 and so off by its rounding, and h what reaches it, grad_output or that times a weight:
//   sums     n0, h and h n0
//   peaks    1 where |x| is the norm, h and h n0
// docs/promises/gradients.md derives what they are for. All in float32 over the values, float64 between segments.
#pragma once

#include "normalization/two_pass.h"

namespace kiln {

// What values are standardized by: x - centre, times rstd.
struct Standardized {
  Real centre, rstd;

  Real of(const Real &x) const { return (x - centre) * rstd; }
};

class SegmentGradients : public TwoPass {
 public:
  // peaks: there is nothing to subtract, and `by.centre` is the norm.
  SegmentGradients(const Segments &segments, const ValueAt &h, const Standardized &by, bool peaks) : TwoPass(segments) {
    const auto step = [=](const Values &before, const Expr &s) {
      const Real x = value(s), n = peaks ? x * by.rstd : by.of(x);
      const Real arriving = h(at.seg * ReductionShape::segment + s, at.c, at.n);
      const Real counted = peaks ? select(bits(abs(x)) == bits(by.centre), Real(1.0f), Real(0.0f)) : n;
      return Values{(Real(before[0]) + counted).expr(), (Real(before[1]) + arriving).expr(),
                    fma(arriving, n, Real(before[2])).expr()};
    };
    const auto total = here(reduce(first, "gradients", Values{0.0f, 0.0f, 0.0f}, step, Reduction::add));
    accept_always({f64(Real(total[0])).expr(), f64(Real(total[1])).expr(), f64(Real(total[2])).expr()});
  }
};

}  // namespace kiln
