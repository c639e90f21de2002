// Sum and centred sum of squares of one segment: float32 over the values, float64 at the end.
//
// The first pass sums d = x - a and d^2, the shift a being the mean of 8 values from all over the segment. In float64
//   sum = k a + S,   m2 = Q - S^2 / k          (k values, S the sum of d, Q that of d^2).
// It is accepted where Q neither overflowed nor underflowed and Q <= 8 m2: a then lies within 2.65 standard deviations
// of the mean, and the subtraction loses at most 3 bits. Elsewhere the fallback reads the segment again, scaled by a
// power of two that brings its largest magnitude to [1, 4) and centred at the mean of its scaled values; it is right
// for every finite input. eps says what need not be exact: a variance far below it.
//
// Combining segments needs neither Chan's formula nor pairs of numbers, for sum and m2 are float64:
//   mean = sum(sum) / N,   M2 = sum(m2 + (sum - k mean)^2 / k).
#pragma once

#include "normalization/two_pass.h"

namespace kiln {

// What a segment of k values adds to M2.
inline Float64 contribution(const Float64 &sum, const Float64 &m2, const Float64 &k, const Float64 &mean) {
  const Float64 delta = sum - k * mean;
  return m2 + (delta * delta) * reciprocal(k);
}

class SegmentMoments : public TwoPass {
 public:
  SegmentMoments(const Segments &segments, const Expr &eps) : TwoPass(segments) {
    define_first(eps);
    define_fallback();
  }

  Float64 sum(const Expr &seg, const Expr &c, const Expr &n) { return f64(Expr(result(seg, c, n)[0])); }
  Float64 m2(const Expr &seg, const Expr &c, const Expr &n) {
    const Float64 m2 = f64(Expr(result(seg, c, n)[1]));
    return select(m2 < 0.0, 0.0, m2);
  }
  Expr number(int i, const Expr &seg, const Expr &c, const Expr &n) override {
    return (i == 0 ? sum(seg, c, n) : m2(seg, c, n)).expr();
  }

 private:
  Real real_here(Func f) { return Real(here(f)); }

  static Values add_deviation(const Values &before, const Real &d) {
    return {(Real(before[0]) + d).expr(), fma(d, d, Real(before[1])).expr()};
  }

  // Of fewer than 8 values some are taken twice or more, all of them alike.
  Real mean_of_samples() {
    const auto sample = [&](int i) {
      const Expr place = Halide::select(count < 8, (i * count) / 8, i * (count / 8) + count / 16);
      return value(Halide::unsafe_promise_clamped(place, 0, ReductionShape::segment - 1));
    };
    return (((sample(0) + sample(1)) + (sample(2) + sample(3))) + ((sample(4) + sample(5)) + (sample(6) + sample(7)))) *
           0.125f;
  }

  void define_first(const Expr &eps) {
    const Func shift = own(first, "shift", Tuple(mean_of_samples().expr()));
    const auto step = [&](const Values &before, const Expr &s) {
      return add_deviation(before, value(s) - real_here(shift));
    };
    const auto total = here(reduce(first, "deviations", Values{0.0f, 0.0f}, step, Reduction::add));
    const Real squares(total[1]);
    const Float64 k = f64(count), S = f64(Expr(total[0])), Q = f64(squares);
    const Float64 m2 = Q - (S * S) * reciprocal(k);
    const Expr accepted = is_finite(squares) && Q <= 8.0 * m2 && (reaches(squares, 0x1p-80f) || f64(eps) >= 0x1p-60);
    accept_where(accepted, (k * f64(real_here(shift)) + S).expr(), m2.expr());
  }

  void define_fallback() {
    const Expr largest = here(largest_magnitude(fallback));
    const Func scale = share(fallback, "scale", two_to(Halide::clamp(127 - (largest >> 23), -126, 126)).expr());

    const auto sum_step = [&](const Values &before, const Expr &s) {
      return Values{(Real(before[0]) + value(s) * real_here(scale)).expr()};
    };
    const Func scaled_sum = reduce(fallback, "scaled_sum", Values{0.0f}, sum_step, Reduction::add);
    const Float64 k = f64(count);
    // Finite values' mean is within 4 by itself; infinite ones' is made so, that those of one sign leave S infinite,
    // and the total with it. NaN and both signs make S NaN.
    const Func centre = share(fallback, "centre", within(f32(f64(real_here(scaled_sum)) / k), 4.0f).expr());

    const auto square_step = [&](const Values &before, const Expr &s) {
      return add_deviation(before, value(s) * real_here(scale) - real_here(centre));
    };
    const auto total = here(reduce(fallback, "scaled_squares", Values{0.0f, 0.0f}, square_step, Reduction::add));
    const Float64 S = f64(Expr(total[0])), Q = f64(Expr(total[1])), up = reciprocal(f64(real_here(scale)));
    replace_failed(((k * f64(real_here(centre)) + S) * up).expr(), ((Q - S * S / k) * (up * up)).expr());
  }
};

}  // namespace kiln
