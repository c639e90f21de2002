// Norms of segments, as a value and the exponent of its unit.
//
//   two      sum of squares, in units of 4^k
//   one      sum of magnitudes, in units of 2^k
//   max      largest magnitude
//   general  sum of |x / 2^k|^p in float64, k the exponent of the largest (p > 0) or smallest (p < 0) magnitude
//
// The first two are float32 sums with k = 0. Where such a sum overflowed, or underflowed and eps does not hide it, a
// fallback repeats it with values scaled by 2^-k, which brings the largest magnitude to [1, 2).
#pragma once

#include "normalization/power.h"
#include "normalization/two_pass.h"

namespace kiln {

// The sum over a segment that is `value` in its unit.
inline Float64 in_ones(const Float64 &value, const Float64 &exponent, bool squares) {
  const Float64 unit = two_to_64(Halide::cast<int>(exponent.expr()));
  return value * (squares ? unit * unit : unit);
}

enum class Norm { two, one, max, general };

// Kinds of the general norm: finite p other than 0; p = 0, the number of values other than 0; p = -infinity, the least.
enum GeneralNorm { norm_power = 0, norm_count = 1, norm_least = 2 };

class SegmentNorm : public TwoPass {
 public:
  SegmentNorm(Norm kind, const Segments &segments, const Expr &eps, const Expr &p, const Expr &mode)
      : TwoPass(segments), eps(eps), p(p), mode(mode) {
    if (kind == Norm::max) define_max();
    if (kind == Norm::general) define_general();
    if (kind == Norm::one || kind == Norm::two) define_sum(kind == Norm::two);
  }

 private:
  Expr eps, p, mode;

  void define_max() {
    const Real peak = from_magnitude(here(largest_magnitude(first)));
    accept_always(f64(peak).expr(), Expr(0.0));
  }

  static Values add_to_sum(bool squares, const Values &before, const Real &v) {
    const Real sum(before[0]);
    return {squares ? fma(v, v, sum).expr() : (sum + abs(v)).expr()};
  }

  void define_sum(bool squares) {
    const auto step = [&](const Values &before, const Expr &s) { return add_to_sum(squares, before, value(s)); };
    const Real sum(here(reduce(first, "sum", Values{0.0f}, step, Reduction::add)));
    Expr accepted = is_finite(sum);
    if (squares) accepted = accepted && (reaches(sum, 0x1p-80f) || f64(eps) >= 0x1.1p-40);
    accept_where(accepted, f64(sum).expr(), Expr(0.0));

    const Expr peak = here(largest_magnitude(fallback));
    const Func exponent = share(fallback, "exponent", Halide::clamp(127 - (peak >> 23), -126, 126));
    const Func scale = share(fallback, "scale", two_to(here(exponent)).expr());
    const auto scaled_step = [&](const Values &before, const Expr &s) {
      return add_to_sum(squares, before, value(s) * Real(here(scale)));
    };
    const Func scaled = reduce(fallback, "scaled_sum", Values{0.0f}, scaled_step, Reduction::add);
    replace_failed(f64(Expr(here(scaled))).expr(), f64(-here(exponent)).expr());
  }

  void define_general() {
    // The smallest is the largest of the negatives, which keep NaN out; it shows in the sum.
    const auto pivot_step = [&](const Values &before, const Expr &s) {
      const Expr m = magnitude_bits(value(s));
      return Reduction::larger(before, {Halide::select(f64(p) > 0.0 && mode == norm_power, m, -m)});
    };
    const Expr pivot = here(reduce(first, "pivot", Values{Halide::Int(32).min()}, pivot_step, Reduction::larger));
    const Real magnitude = from_magnitude(Halide::cast<int>(Halide::abs(pivot)));
    const Func unit = share(first, "unit", f64(Halide::clamp(exponent64(f64(magnitude)), -149, 127)).expr());

    const auto step = [&](const Values &before, const Expr &s) {
      return Values{(f64(before[0]) + term(magnitude_bits(value(s)), f64(Expr(here(unit))))).expr()};
    };
    const Reduction::Combine add = [](const Values &a, const Values &b) {
      return Values{(f64(a[0]) + f64(b[0])).expr()};
    };
    const Float64 sum = f64(Expr(here(reduce(first, "sum", Values{Expr(0.0)}, step, add))));
    const Float64 least = f64(from_magnitude(-pivot)) + sum;  // the sum is 0, or NaN
    accept_always(select(mode == norm_least, least, sum).expr(),
                  Halide::select(mode == norm_power, Expr(here(unit)), Expr(0.0)));
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
