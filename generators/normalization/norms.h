// Norms of segments, as a value and the exponent of its unit.
//
//   two      sum of squares, in units of 4^k
//   one      sum of magnitudes, in units of 2^k
//   max      largest magnitude
//   general  sum of |x / 2^k|^p in float64, k the exponent of the largest (p > 0) or smallest (p < 0) magnitude
//
// The first two are float32 sums with k = 0. Where such a sum overflowed, or underflowed and eps does not hide it, a
// careful pass repeats it with values scaled by 2^-k, which brings the largest magnitude to [1, 2).
#pragma once

#include <memory>

#include "normalization/moments.h"
#include "normalization/power.h"

namespace kiln {

enum class Norm { two, one, max, general };

// Kinds of the general norm: finite p other than 0; p = 0, the number of values other than 0; p = -infinity, the least.
enum GeneralNorm { norm_power = 0, norm_count = 1, norm_least = 2 };

class PartialNorm {
 public:
  Func left{"left"};        // values in a segment
  Func attempt{"attempt"};  // where loops take the place of a branch: what norm is before the careful pass
  Func norm{"norm"};        // value, exponent, and whether the careful pass is to replace them

  // What every segment takes, and what only those take whose first pass failed.
  struct Pass {
    std::vector<std::unique_ptr<Reduction>> reductions;
    std::vector<Func> functions;
  };
  Pass first, careful;

  PartialNorm(Norm kind, const ValueAt &x, const Expr &length, const Expr &eps, const Expr &p, const Expr &mode,
              const Segment &at, Again how)
      : eps(eps), p(p), mode(mode), at(at), how(how) {
    left(at.seg) = segment_length(length, at.seg);
    value = [=](const Expr &s) { return x(at.seg * ReductionShape::segment + s, at.c, at.n); };
    if (kind == Norm::max) define_max();
    if (kind == Norm::general) define_general();
    if (kind == Norm::one || kind == Norm::two) define_sum(kind == Norm::two);
  }

 private:
  Expr eps, p, mode;
  Segment at;
  Again how;
  std::function<Real(const Expr &s)> value;
  RDom again;

  Func reduce(Pass &pass, const char *name, const Values &empty, const Reduction::Step &step,
              const Reduction::Join &join) {
    const bool loops = &pass == &careful && how == Again::empty_loops;
    const Expr every = left(at.seg),
               count = loops ? Halide::select(failed(), every, Halide::cast(every.type(), 0)) : every;
    pass.reductions.push_back(std::make_unique<Reduction>(name, empty, step, join, count, at));
    return pass.reductions.back()->total;
  }
  Func keep(Pass &pass, const char *name, const Tuple &numbers) {
    Func f(name);
    f(at.seg, at.c, at.n) = numbers;
    pass.functions.push_back(f);
    return f;
  }
  Halide::FuncRef here(Func f) { return f(at.seg, at.c, at.n); }
  Expr failed() { return here(how == Again::branch ? norm : attempt)[2] != 0; }

  // The largest by its bits: NaN is above infinity and wins.
  Func largest_magnitude(Pass &pass) {
    const auto step = [&](const Values &before, const Expr &s) {
      return Reduction::larger(before, {magnitude_bits(value(s))});
    };
    return reduce(pass, "peak", Values{0}, step, Reduction::larger);
  }

  void define_max() {
    const Real peak = from_magnitude(here(largest_magnitude(first)));
    norm(at.seg, at.c, at.n) = Tuple(f64(peak).expr(), Expr(0.0), Halide::cast<uint8_t>(0));
  }

  static Values add_to_sum(bool squares, const Values &before, const Real &v) {
    const Real sum(before[0]);
    return {squares ? fma(v, v, sum).expr() : (sum + abs(v)).expr()};
  }

  void define_sum(bool squares) {
    const auto step = [&](const Values &before, const Expr &s) { return add_to_sum(squares, before, value(s)); };
    const Real sum(here(reduce(first, "sum", Values{0.0f}, step, Reduction::add)));
    Expr stands = is_finite(sum);
    if (squares) stands = stands && (reaches(sum, 0x1p-80f) || f64(eps) >= 0x1.1p-40);
    (how == Again::branch ? norm : attempt)(at.seg, at.c, at.n) =
        Tuple(f64(sum).expr(), Expr(0.0), Halide::cast<uint8_t>(!stands));

    const Expr peak = here(largest_magnitude(careful));
    const Func exponent = keep(careful, "exponent", Tuple(Halide::clamp(127 - (peak >> 23), -126, 126)));
    const Func scale = keep(careful, "scale", Tuple(two_to(here(exponent)).expr()));
    const auto scaled_step = [&](const Values &before, const Expr &s) {
      return add_to_sum(squares, before, value(s) * Real(here(scale)));
    };
    const Func scaled = reduce(careful, "scaled_sum", Values{0.0f}, scaled_step, Reduction::add);
    replace_failed(keep(careful, "careful", Tuple(f64(Expr(here(scaled))).expr(), f64(-here(exponent)).expr())));
  }

  void replace_failed(const Func &other) {
    const auto was = here(how == Again::branch ? norm : attempt);
    Expr chosen = failed();
    if (how == Again::branch) {
      again = RDom(0, 1, "again");
      again.where(failed());
      chosen = chosen && again == 0;  // names the domain that carries the condition
    }
    const auto choose = [&](int i) { return Halide::select(chosen, here(other)[i], was[i]); };
    norm(at.seg, at.c, at.n) = Tuple(choose(0), choose(1), was[2]);
  }

  void define_general() {
    // The smallest is the largest of the negatives, which keep NaN out; it shows in the sum.
    const auto pivot_step = [&](const Values &before, const Expr &s) {
      const Expr m = magnitude_bits(value(s));
      return Reduction::larger(before, {Halide::select(f64(p) > 0.0 && mode == norm_power, m, -m)});
    };
    const Expr pivot = here(reduce(first, "pivot", Values{Halide::Int(32).min()}, pivot_step, Reduction::larger));
    const Real magnitude = from_magnitude(Halide::cast<int>(Halide::abs(pivot)));
    const Func unit = keep(first, "unit", Tuple(f64(Halide::clamp(exponent64(f64(magnitude)), -149, 127)).expr()));

    const auto step = [&](const Values &before, const Expr &s) {
      return Values{(f64(before[0]) + term(magnitude_bits(value(s)), f64(Expr(here(unit))))).expr()};
    };
    const Reduction::Join add = [](const Values &a, const Values &b) { return Values{(f64(a[0]) + f64(b[0])).expr()}; };
    const Wide sum = f64(Expr(here(reduce(first, "sum", Values{Expr(0.0)}, step, add))));
    const Wide least = f64(from_magnitude(-pivot)) + sum;  // the sum is 0, or NaN
    norm(at.seg, at.c, at.n) =
        Tuple(select(mode == norm_least, least, sum).expr(),
              Halide::select(mode == norm_power, Expr(here(unit)), Expr(0.0)), Halide::cast<uint8_t>(0));
  }

  // |x / 2^unit|^p, with 2^1000 for infinity; whether x is 0; or 0.
  Wide term(const Expr &magnitude, const Wide &unit) {
    const Expr zero = magnitude == 0, infinite = magnitude == 0x7f800000, nan = magnitude > 0x7f800000;
    const Wide huge = 0x1p1000, small = select(f64(p) < 0.0, huge, 0.0), large = select(f64(p) < 0.0, 0.0, huge);
    const Wide base = select(zero, 1.0, f64(from_magnitude(magnitude)));
    Wide t = exp2_64(f64(p) * (log2_64(base) - unit));
    t = select(infinite, large, select(zero, small, t));
    t = select(mode == norm_count, f64(Halide::cast<int>(!zero)), t);
    t = select(mode == norm_least, 0.0, t);
    return select(nan && mode != norm_count, nan64(), t);
  }
};

}  // namespace kiln
