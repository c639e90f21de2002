// The norm out of those of its segments, and the coefficients that divide by it.
#pragma once

#include "normalization/affine.h"
#include "normalization/norms.h"

namespace kiln {

class JoinedNorm {
 public:
  Func top{"top"}, sum{"sum"}, value{"value"};

  // partial(j, n, seg, k): value and exponent of norms.h.
  template <class Buffer>
  JoinedNorm(Norm kind, Buffer &partial, const Expr &p, const Expr &mode, const Var &j, const Var &n)
      : p(p), mode(mode), j(j), n(n) {
    const RDom r(0, partial.dim(2).extent(), "seg");
    const Expr v = partial(j, n, r, 0), exponent = partial(j, n, r, 1);
    if (kind == Norm::max) define_max(v);
    if (kind == Norm::one || kind == Norm::two) define_sum(v, exponent, kind == Norm::two);
    if (kind == Norm::general) define_general(v, exponent);
  }

  std::vector<Func> functions() const {
    std::vector<Func> used;
    for (const Func &f : {top, sum, value})
      if (f.defined()) used.push_back(f);
    return used;
  }

 private:
  Expr p, mode;
  Var j, n;

  void define_max(const Expr &v) {
    sum(j, n) = Expr(0.0);
    sum(j, n) = Halide::select(v > sum(j, n) || is_nan64(v), v, sum(j, n));
    value(j, n) = sum(j, n);
  }

  void define_sum(const Expr &v, const Expr &exponent, bool squares) {
    const Expr unit = two_to_64(Halide::cast<int>(exponent));
    sum(j, n) = Expr(0.0);
    sum(j, n) += v * (squares ? unit * unit : unit);
    value(j, n) = squares ? Halide::sqrt(sum(j, n)) : Expr(sum(j, n));
  }

  // Terms are brought to one unit, the largest for p > 0 and the smallest for p < 0: no term grows by that.
  void define_general(const Expr &v, const Expr &exponent) {
    using Halide::select;
    const Expr sign = select(p < Expr(0.0), Expr(-1.0), Expr(1.0));
    top(j, n) = Expr(-1000.0);
    top(j, n) = Halide::max(top(j, n), sign * exponent);
    const Expr unit = sign * top(j, n);

    const Expr rescaled = v * select(mode == norm_power, exp2_64(p * (exponent - unit)), Expr(1.0));
    sum(j, n) = select(mode == norm_least, Expr(0x1p1000), Expr(0.0));
    const Expr less = select(v < sum(j, n) || is_nan64(v), v, sum(j, n));
    sum(j, n) = select(mode == norm_least, less, sum(j, n) + rescaled);
    value(j, n) = select(mode != norm_power || is_nan64(sum(j, n)), sum(j, n), root(sum(j, n), unit));
  }

  // No magnitude but 0 (p > 0) or all infinite (p < 0): the sum is 0. One infinite (p > 0) or one 0 (p < 0): it is
  // huge.
  Expr root(const Expr &total, const Expr &unit) {
    using Halide::select;
    const Expr at_none = select(p < Expr(0.0), infinity64(), Expr(0.0));
    const Expr at_huge = select(p < Expr(0.0), Expr(0.0), infinity64());
    const Expr positive = total > Expr(0.0);
    const Expr ordinary = exp2_64(unit + log2_64(select(positive, total, Expr(1.0))) / p);
    return select(total >= Expr(0x1p999), at_huge, select(positive, ordinary, at_none));
  }
};

// x / max(norm, eps) as the coefficients of affine.h, which have nothing to subtract here: -0 keeps the sign of zero.
// The factor is above 1, so that x * scale is finite where the result is.
inline Coefficients dividing_by(const Expr &norm, const Expr &eps) {
  const Expr divisor = Halide::select(norm < eps, eps, norm);
  const Real scale = two_to(Halide::clamp(-1 - exponent64(divisor), -126, 126));
  const Expr factor = at_most_largest_float(reciprocal(divisor * f64(scale)), divisor > Expr(0.0));
  return {scale, Real(-0.0f), f32(factor), Real(-0.0f)};
}

}  // namespace kiln
