// The norm out of those of its segments, and the coefficients that divide by it.
#pragma once

#include "normalization/affine.h"
#include "normalization/norms.h"

namespace kiln {

class CombinedNorm {
 public:
  Func top{"top"}, sum{"sum"}, value{"value"};

  // partial(j, n, seg, k): value and exponent of norms.h.
  template <class Buffer>
  CombinedNorm(Norm kind, Buffer &partial, const Expr &p, const Expr &mode, const Var &j, const Var &n)
      : p(p), mode(mode), j(j), n(n) {
    const RDom r(0, partial.dim(2).extent(), "seg");
    const Float64 v = f64(partial(j, n, r, 0)), exponent = f64(partial(j, n, r, 1));
    if (kind == Norm::max) define_max(v);
    if (kind == Norm::one || kind == Norm::two) define_sum(v, kind == Norm::two);
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

  Float64 here(Func f) { return f64(f(j, n)); }

  void define_max(const Float64 &v) {
    sum(j, n) = Expr(0.0);
    sum(j, n) = select(v > here(sum) || is_nan64(v), v, here(sum)).expr();
    value(j, n) = sum(j, n);
  }

  void define_sum(const Float64 &v, bool squares) {
    sum(j, n) = Expr(0.0);
    sum(j, n) = (here(sum) + v).expr();
    value(j, n) = (squares ? sqrt(here(sum)) : here(sum)).expr();
  }

  // Terms are brought to one unit, the largest for p > 0 and the smallest for p < 0: no term grows by that.
  void define_general(const Float64 &v, const Float64 &exponent) {
    const Float64 sign = select(f64(p) < 0.0, Float64(-1.0), 1.0);
    top(j, n) = Expr(-1000.0);
    top(j, n) = larger(here(top), sign * exponent).expr();
    const Float64 unit = sign * here(top);

    const Float64 rescaled = v * select(mode == norm_power, exp2_64(f64(p) * (exponent - unit)), 1.0);
    sum(j, n) = select(mode == norm_least, infinity64(), 0.0).expr();
    const Float64 less = select(v < here(sum) || is_nan64(v), v, here(sum));
    sum(j, n) = select(mode == norm_least, less, here(sum) + rescaled).expr();
    value(j, n) = select(mode != norm_power || is_nan64(here(sum)), here(sum), root(here(sum), unit)).expr();
  }

  // No magnitude but 0 (p > 0) or all infinite (p < 0): the sum is 0. One infinite (p > 0) or one 0 (p < 0): it is
  // huge.
  Float64 root(const Float64 &total, const Float64 &unit) {
    const Float64 at_none = select(f64(p) < 0.0, infinity64(), 0.0), at_huge = select(f64(p) < 0.0, 0.0, infinity64());
    const Expr positive = total > 0.0;
    const Float64 ordinary = exp2_64(unit + log2_64(select(positive, total, 1.0)) / f64(p));
    return select(total >= 0x1p999, at_huge, select(positive, ordinary, at_none));
  }
};

// x / divisor as the coefficients of affine.h, which have nothing to subtract here: -0 keeps the sign of zero.
inline Coefficients dividing_by(const Float64 &divisor, const Real &scale) {
  const Float64 factor = at_most_largest_float(reciprocal(divisor * f64(scale)), divisor > 0.0);
  return {scale, Real(-0.0f), f32(factor), Real(-0.0f)};
}

// The factor is above 1, so that x * scale is finite where the result is. The divisor may be finite beside infinite x:
// a factor that would be zero is the least float32, and so is the scale then.
inline Coefficients dividing_by(const Float64 &divisor) {
  const Coefficients c = dividing_by(divisor, two_to(Halide::clamp(-1 - exponent64(divisor), -126, 126)));
  const Expr vanishes = magnitude_bits(c.factor) == 0 && divisor < infinity64();
  return {select(vanishes, least_float(), c.scale), c.shift, select(vanishes, least_float(), c.factor), c.rest};
}

}  // namespace kiln
