// Statistics of channels out of their partial moments, and running statistics.
#pragma once

#include "normalization/moments.h"

namespace kiln {

// Mean and variance of all planes i and segments seg of partial(j, i, seg, k), `length` values in a plane. Segments
// join in the order of (i, seg), as those of a row do in row_moments.h; -0 + x is x, so to begin with -0 is to begin
// with the first.
class JoinedMoments {
 public:
  Func sum{"sum"}, mean{"mean"}, m2{"m2"};

  template <class Buffer>
  JoinedMoments(Buffer &partial, const Expr &length, const Var &j) : j(j) {
    const Expr planes = partial.dim(1).extent(), segments = partial.dim(2).extent();
    const RDom r(0, segments, 0, planes, "part");
    values = f64(length) * f64(planes);
    sum(j) = Expr(-0.0);
    sum(j) += partial(j, r.y, r.x, 0);
    mean(j) = sum(j) / values;
    m2(j) = Expr(-0.0);
    m2(j) += spread(partial(j, r.y, r.x, 0), partial(j, r.y, r.x, 1), f64(segment_length(length, r.x)), mean(j));
  }

  Expr variance() { return m2(j) * reciprocal(values); }

 private:
  Var j;
  Expr values;
};

inline Expr unbiased(const Expr &biased_variance, const Expr &count) {
  return biased_variance * (count / (count - Expr(1.0)));
}

// (1 - momentum) running + momentum batch, rounded once.
inline Real moved(const Real &running, const Expr &batch, const Expr &momentum) {
  return f32((Expr(1.0) - momentum) * f64(running) + momentum * batch);
}

}  // namespace kiln
