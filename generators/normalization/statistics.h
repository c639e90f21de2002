// Statistics of channels out of their partial moments, and running statistics.
#pragma once

#include "normalization/moments.h"

namespace kiln {

// Mean and variance of all planes i and segments seg of partial(j, i, seg, k), `length` values in a plane. Segments
// are combined in the order of (i, seg), as those of a row do in row_moments.h; -0 + x is x, so to begin with -0 is to
// begin with the first.
class CombinedMoments {
 public:
  Func sum{"sum"}, mean{"mean"}, m2{"m2"};

  template <class Buffer>
  CombinedMoments(Buffer &partial, const Expr &length, const Var &j) : j(j) {
    const Expr planes = partial.dim(1).extent(), segments = partial.dim(2).extent();
    const RDom r(0, segments, 0, planes, "part");
    values = (f64(length) * f64(planes)).expr();
    sum(j) = Expr(-0.0);
    sum(j) = (f64(sum(j)) + f64(partial(j, r.y, r.x, 0))).expr();
    mean(j) = (f64(sum(j)) / f64(values)).expr();
    m2(j) = Expr(-0.0);
    m2(j) = (f64(m2(j)) + contribution(f64(partial(j, r.y, r.x, 0)), f64(partial(j, r.y, r.x, 1)),
                                       f64(segment_length(length, r.x)), f64(mean(j))))
                .expr();
  }

  Float64 variance() { return f64(m2(j)) * reciprocal(f64(values)); }

 private:
  Var j;
  Expr values;
};

inline Float64 unbiased(const Float64 &biased_variance, const Float64 &count) {
  return biased_variance * (count / (count - 1.0));
}

// (1 - momentum) running + momentum batch, rounded once.
inline Real moved(const Real &running, const Float64 &batch, const Float64 &momentum) {
  return f32((Float64(1.0) - momentum) * f64(running) + momentum * batch);
}

}  // namespace kiln
