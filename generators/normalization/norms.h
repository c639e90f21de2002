// Norms of segments, as a value and the exponent of its unit.
//
//   two      sum of squares
//   one      sum of magnitudes
//   max      largest magnitude
//   general  sum of |x / 2^k|^p, k the binary logarithm of the largest (p > 0) or smallest (p < 0) magnitude: no term
//            exceeds 1, whatever p
//
// Sums are in float64, which holds the squares of all float32 numbers: a sum of float32 can round the same way at every
// step, which random values do not show and rows of one value with an outlier do. The unit of the first three is 1.
#pragma once

#include "normalization/power.h"
#include "normalization/two_pass.h"

namespace kiln {

enum class Norm { two, one, max, general };

// Kinds of the general norm: finite p other than 0; p = 0, the number of values other than 0; p = -infinity, the least.
enum GeneralNorm { norm_power = 0, norm_count = 1, norm_least = 2 };

class SegmentNorm : public TwoPass {
 public:
  SegmentNorm(Norm kind, const Segments &segments, const Expr &p, const Expr &mode)
      : TwoPass(segments), p(p), mode(mode) {
    if (kind == Norm::max) define_max();
    if (kind == Norm::general) define_general();
    if (kind == Norm::one || kind == Norm::two) define_sum(kind == Norm::two);
  }

 private:
  Expr p, mode;

  static Values add(const Values &a, const Values &b) { return {(f64(a[0]) + f64(b[0])).expr()}; }

  void define_max() {
    const Real peak = from_magnitude(here(largest_magnitude(first)));
    accept_always({f64(peak).expr(), Expr(0.0)});
  }

  void define_sum(bool squares) {
    const auto step = [&](const Values &before, const Expr &s) {
      const Float64 v = f64(abs(value(s)));
      return Values{(f64(before[0]) + (squares ? v * v : v)).expr()};
    };
    const Expr sum = here(reduce(first, "sum", Values{Expr(0.0)}, step, add));
    accept_always({sum, Expr(0.0)});
  }

  void define_general() {
    // The smallest is the largest of the negatives, which keep NaN out; it shows in the sum.
    const auto pivot_step = [&](const Values &before, const Expr &s) {
      const Expr m = magnitude_bits(value(s));
      return Reduction::larger(before, {Halide::select(f64(p) > 0.0 && mode == norm_power, m, -m)});
    };
    const Expr pivot = here(reduce(first, "pivot", Values{Halide::Int(32).min()}, pivot_step, Reduction::larger));
    const Real magnitude = from_magnitude(Halide::cast<int>(Halide::abs(pivot)));
    // Of zero that of the least magnitude, of infinity and NaN one above the largest.
    const Expr at = magnitude_bits(magnitude);
    const Float64 finite = select(at == 0, 0x1p-149, select(at >= 0x7f800000, 0x1p128, f64(magnitude)));
    const Func unit = share(first, "unit", log2_64(finite).expr());

    const auto step = [&](const Values &before, const Expr &s) {
      return Values{(f64(before[0]) + term(magnitude_bits(value(s)), f64(Expr(here(unit))))).expr()};
    };
    const Float64 sum = f64(Expr(here(reduce(first, "sum", Values{Expr(0.0)}, step, add))));
    const Float64 least = f64(from_magnitude(-pivot)) + sum;  // the sum is 0, or NaN
    accept_always({select(mode == norm_least, least, sum).expr(),
                   Halide::select(mode == norm_power, Expr(here(unit)), Expr(0.0))});
  }

  // |x / 2^unit|^p, with 2^1000 for infinity; whether x is 0; or 0.
  Float64 term(const Expr &magnitude, const Float64 &unit) {
    const Expr zero = magnitude == 0, infinite = magnitude == 0x7f800000, nan = magnitude > 0x7f800000;
    const Float64 huge = 0x1p1000, small = select(f64(p) < 0.0, huge, 0.0), large = select(f64(p) < 0.0, 0.0, huge);
    const Float64 base = select(zero, 1.0, f64(from_magnitude(magnitude)));
    Float64 t = exp2_64(f64(p) * (log2_64(base) - unit));
    t = select(infinite, large, select(zero, small, t));
    t = select(mode == norm_count, f64(Halide::cast<int>(!zero)), t);
    t = select(mode == norm_least, 0.0, t);
    return select(nan && mode != norm_count, nan64(), t);
  }
};

}  // namespace kiln
