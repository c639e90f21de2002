// Sum and centred sum of squares of one segment: float32 over the values, float64 at the end.
//
// The quick pass sums d = x - a and d^2, a being the mean of 8 values spread over the segment. In float64
//   sum = k a + S,   m2 = Q - S^2 / k          (k values, S the sum of d, Q that of d^2).
// It stands where Q neither overflowed nor underflowed and Q <= 8 m2: a then lies within 2.65 standard deviations of
// the mean, and the subtraction loses at most 3 bits. Elsewhere the careful pass reads the segment again, scaled by a
// power of two that brings its largest magnitude to [1, 4) and centred at the mean of its scaled values; it is right
// for every finite input. eps says what need not be exact: a variance far below it.
//
// Joining segments needs neither Chan's formula nor pairs of numbers, for sum and m2 are float64:
//   mean = sum(sum) / N,   M2 = sum(m2 + (sum - k mean)^2 / k).
#pragma once

#include <memory>

#include "normalization/reduction.h"

namespace kiln {

// Value s of a plane.
using ValueAt = std::function<Real(const Expr &s, const Expr &c, const Expr &n)>;

// What a segment of k values adds to M2.
inline Wide spread(const Wide &sum, const Wide &m2, const Wide &k, const Wide &mean) {
  const Wide delta = sum - k * mean;
  return m2 + (delta * delta) * reciprocal(k);
}

// How the segments that the quick pass fails on are done again: by a branch around the careful pass, or, where threads
// that share a segment must meet at every step, by loops that are empty for the others.
enum class Again { branch, empty_loops };

class SegmentMoments {
 public:
  Func left{"left"};        // values in a segment; a Func, for as an expression it keeps bounds from being found
  Func anchor{"anchor"};    // a
  Func attempt{"attempt"};  // sum, m2, and whether the quick pass failed; with a branch, the first stage of moments
  Func moments{"moments"};
  Func scale{"scale"}, centre{"centre"}, careful{"careful"};
  std::unique_ptr<Reduction> quick, peak, scaled_sum, scaled_squares;

  SegmentMoments(const ValueAt &x, const Expr &length, const Expr &eps, const Segment &at, Again how)
      : at(at), how(how) {
    left(at.seg) = segment_length(length, at.seg);
    count = left(at.seg);
    value = [=](const Expr &s) { return x(at.seg * ReductionShape::segment + s, at.c, at.n); };
    define_quick(eps);
    define_careful();
    define_choice();
  }

  Wide sum(const Expr &seg, const Expr &c, const Expr &n) { return f64(Expr(moments(seg, c, n)[0])); }
  Wide m2(const Expr &seg, const Expr &c, const Expr &n) {
    const Wide m2 = f64(Expr(moments(seg, c, n)[1]));
    return select(m2 < 0.0, 0.0, m2);
  }

 private:
  Segment at;
  Again how;
  Expr count;
  std::function<Real(const Expr &s)> value;
  RDom again;

  Real here(Func &f) { return Real(f(at.seg, at.c, at.n)); }

  static Values add_deviation(const Values &before, const Real &d) {
    return {(Real(before[0]) + d).expr(), fma(d, d, Real(before[1])).expr()};
  }

  Real mean_of_samples() {
    const auto sample = [&](int i) {
      return value(Halide::unsafe_promise_clamped(i * (count / 8) + count / 16, 0, ReductionShape::segment - 1));
    };
    return (((sample(0) + sample(1)) + (sample(2) + sample(3))) + ((sample(4) + sample(5)) + (sample(6) + sample(7)))) *
           0.125f;
  }

  void define_quick(const Expr &eps) {
    anchor(at.seg, at.c, at.n) = mean_of_samples().expr();
    const auto step = [&](const Values &before, const Expr &s) {
      return add_deviation(before, value(s) - here(anchor));
    };
    quick = std::make_unique<Reduction>("quick", Values{0.0f, 0.0f}, step, Reduction::add, count, at);

    const auto total = quick->total(at.seg, at.c, at.n);
    const Real squares(total[1]);
    const Wide k = f64(count), S = f64(Expr(total[0])), Q = f64(squares);
    const Wide m2 = Q - (S * S) * reciprocal(k);
    const Expr stands = is_finite(squares) && Q <= 8.0 * m2 && (reaches(squares, 0x1p-80f) || f64(eps) >= 0x1p-60);
    (how == Again::branch ? moments : attempt)(at.seg, at.c, at.n) =
        Tuple((k * f64(here(anchor)) + S).expr(), m2.expr(), Halide::cast<uint8_t>(!stands));
  }

  // No select among these: Halide would lose sight of the condition and compute them always.
  void define_careful() {
    const Expr failed = attempt.defined() ? Expr(attempt(at.seg, at.c, at.n)[2]) != 0 : Expr();
    const Expr count_again =
        how == Again::branch ? count : Halide::select(failed, count, Halide::cast(count.type(), 0));
    const auto peak_step = [&](const Values &before, const Expr &s) {
      return Reduction::larger(before, {magnitude_bits(value(s))});
    };
    peak = std::make_unique<Reduction>("peak", Values{0}, peak_step, Reduction::larger, count_again, at);
    const Expr largest = peak->total(at.seg, at.c, at.n);
    scale(at.seg, at.c, at.n) = two_to(Halide::clamp(127 - (largest >> 23), -126, 126)).expr();

    const auto sum_step = [&](const Values &before, const Expr &s) {
      return Values{(Real(before[0]) + value(s) * here(scale)).expr()};
    };
    scaled_sum = std::make_unique<Reduction>("scaled_sum", Values{0.0f}, sum_step, Reduction::add, count_again, at);
    const Wide k = f64(count);
    // Finite values' mean is within 4 by itself; infinite ones' is made so, that those of one sign leave S infinite,
    // and the total with it. NaN and both signs make S NaN.
    centre(at.seg, at.c, at.n) = within(f32(f64(here(scaled_sum->total)) / k), 4.0f).expr();

    const auto square_step = [&](const Values &before, const Expr &s) {
      return add_deviation(before, value(s) * here(scale) - here(centre));
    };
    scaled_squares =
        std::make_unique<Reduction>("scaled_squares", Values{0.0f, 0.0f}, square_step, Reduction::add, count_again, at);
    const auto total = scaled_squares->total(at.seg, at.c, at.n);
    const Wide S = f64(Expr(total[0])), Q = f64(Expr(total[1])), up = reciprocal(f64(here(scale)));
    careful(at.seg, at.c, at.n) =
        Tuple(((k * f64(here(centre)) + S) * up).expr(), ((Q - S * S / k) * (up * up)).expr());
  }

  void define_choice() {
    if (how == Again::empty_loops) {
      const auto was = attempt(at.seg, at.c, at.n), better = careful(at.seg, at.c, at.n);
      const auto choose = [&](int i) { return Halide::select(was[2] != 0, better[i], was[i]); };
      moments(at.seg, at.c, at.n) = Tuple(choose(0), choose(1));
      return;
    }
    const auto was = moments(at.seg, at.c, at.n);
    const Expr failed = was[2] != 0;
    again = RDom(0, 1, "again");
    again.where(failed);
    const Expr chosen = failed && again == 0;  // names the domain that carries the condition
    const auto choose = [&](int i) { return Halide::select(chosen, careful(at.seg, at.c, at.n)[i], was[i]); };
    moments(at.seg, at.c, at.n) = Tuple(choose(0), choose(1), was[2]);
  }
};

}  // namespace kiln
