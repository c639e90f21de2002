// local_response_norm: x / (k + alpha / size * sum of x^2 over a window of channels)^beta.
//
// Any window and power: float64 all through, where nothing overflows and the order of a sum is no care. Three powers of
// the window of 5 channels that networks use: float32 wherever the base is an ordinary number, float64 elsewhere.
#pragma once

#include "normalization/power.h"
#include "normalization/reduction.h"

namespace kiln {

enum class Power { three_quarters, half, one, general };

class LocalResponse {
 public:
  static constexpr int special_window = 5;

  Func padded{"padded"};  // x, copied ahead of its use, so that the result may replace it; 0 beyond the channels
  Func result{"result"};
  Func squares{"squares"};  // float64 sum over any window; that over the special one is written out
  Func wide{"wide"};        // the result in float64
  Func peak{"peak"};        // largest magnitude of a row of positions, or of channels: of a lane
  RDom window_dom, lane_dom;

  // The window of c is c - before ... c + after; `size` divides the sum of its squares.
  LocalResponse(Power power, bool pixels, const Expr &before, const Expr &after, const Expr &size, const Expr &alpha,
                const Expr &beta, const Expr &k, Var s, Var c, Var n)
      : power(power),
        pixels(pixels),
        before(before),
        after(after),
        size(special() ? Expr(static_cast<double>(special_window)) : size),
        alpha(alpha),
        beta(beta),
        k(k),
        s(s),
        c(c),
        n(n) {}

  bool special() const { return power != Power::general; }

  template <class Buffer>
  void define(Buffer &x) {
    const Expr channels = x.dim(1).extent(), inside = Halide::clamp(c, 0, channels - 1);
    padded(s, c, n) =
        Halide::select(Halide::likely(c >= 0) && Halide::likely(c < channels), x(s, Halide::likely(inside), n), 0.0f);
    define_wide();
    if (special()) {
      lane_dom = RDom(0, pixels ? channels : x.dim(0).extent(), "lane");
      define_special();
    } else {
      result(s, c, n) = wide(s, c, n);
    }
  }

 private:
  Power power;
  bool pixels;
  Expr before, after, size, alpha, beta, k;
  Var s, c, n;
  RDom rare;

  Real here() { return Real(padded(s, c, n)); }
  Real neighbour(int i) { return Real(padded(s, c - special_window / 2 + i, n)); }

  void define_wide() {
    const Expr base = k + (alpha / size) * (special() ? special_squares() : general_squares());
    wide(s, c, n) = f32(f64(here()) / power_of(base)).expr();
  }

  Expr special_squares() {
    Expr sum(0.0);
    for (int i = 0; i < special_window; i++) sum = sum + f64(neighbour(i)) * f64(neighbour(i));
    return sum;
  }
  Expr general_squares() {
    window_dom = RDom(0, before + after + 1, "window");
    const Expr v = f64(Real(padded(s, c - before + window_dom, n)));
    squares(s, c, n) = Expr(0.0);
    squares(s, c, n) += v * v;
    return squares(s, c, n);
  }

  // base^beta, as C's pow has it: a negative base has a power where beta is whole.
  Expr power_of(const Expr &base) {
    using Halide::select;
    const Expr zero(0.0), one(1.0), extent = Halide::reinterpret(Halide::Float(64), magnitude_word(base));
    const Expr infinite = magnitude_word(base) == word(infinity64()), negative = base < zero;
    const Expr ordinary = extent > zero && !infinite && extent != one;
    const Expr at_zero = select(beta > zero, zero, infinity64()), at_infinity = select(beta > zero, infinity64(), zero);
    Expr y = exp2_64(beta * log2_64(select(ordinary, extent, Expr(2.0))));
    y = select(extent == zero, at_zero, select(infinite, at_infinity, select(extent == one, one, y)));
    const Expr whole = rounded(beta) == beta, odd = whole && rounded(beta * Expr(0.5)) != beta * Expr(0.5);
    y = select(negative && odd, kiln::negative(y), select(negative && !whole && !infinite, nan64(), y));
    return select(beta == zero, one, select(is_nan64(base) || is_nan64(beta), nan64(), y));
  }

  // The nearest whole number, below 2^51; above, x is one, or near enough: its power is 0 or infinite.
  static Expr rounded(const Expr &x) {
    const Expr magic(0x1.8p52);
    return Halide::select(Halide::reinterpret(Halide::Float(64), magnitude_word(x)) < Expr(0x1p51), (x + magic) - magic,
                          x);
  }

  void define_special() {
    const Real d = base();
    result(s, c, n) = quotient(d).expr();
    // Ordinary: 2^-60 <= d <= 2^100. Parameters within these bounds, and no magnitude of 2^30 or more in a lane, leave
    // no other d there.
    const Expr lowest = Halide::Internal::make_const(Halide::UInt(32), 0x21800000u);
    const Expr range = Halide::Internal::make_const(Halide::UInt(32), 0x71800000u - 0x21800000u);
    const Expr strange = bits(d) - lowest > range;
    const Expr plain = k >= Expr(0x1p-60) && k <= Expr(0x1p60) && alpha >= Expr(0.0) && alpha <= Expr(0x1p30);
    rare = RDom(0, 1, "rare");
    rare.where(!plain || largest_magnitude() >= 0x4e800000);
    result(s, c, n) = Halide::select((!plain || strange) && rare == 0, Expr(wide(s, c, n)), Expr(result(s, c, n)));
  }

  // k + alpha / size * squares, the factor as high + low, the squares as ((0 1) + (2 3)) + (4).
  Real base() {
    static_assert(special_window == 5);
    const auto pair = [&](int i) { return fma(neighbour(i + 1), neighbour(i + 1), neighbour(i) * neighbour(i)); };
    const Real sum = (pair(0) + pair(2)) + neighbour(4) * neighbour(4);
    const Expr factor = alpha / size;
    const Real high = f32(factor), low = f32(factor - f64(high));
    return fma(sum, high, fma(sum, low, f32(k)));
  }

  static Real root(const Real &x) { return Real(Halide::sqrt(x.expr())); }

  // x / d^power. d^(3/4) is the product of two roots, with its rounding error: the quotient by the rounded product is
  // repaired by what is left of x.
  Real quotient(const Real &d) {
    const Real x = here();
    if (power == Power::one) return x / d;
    const Real half = root(d);
    if (power == Power::half) return x / half;
    const Real fourth = root(half), p = half * fourth, lost = fma(half, fourth, -p);
    const Real inverse = Real(1.0f) / p, rough = x * inverse;
    return fma(fma(-rough, lost, fma(-rough, p, x)), inverse, rough);
  }

  // Of the lanes that the window sees.
  Expr largest_magnitude() {
    if (pixels) {
      peak(s, n) = 0;
      peak(s, n) = Halide::max(peak(s, n), magnitude_bits(Real(padded(s, lane_dom, n))));
      return peak(s, n);
    }
    peak(c, n) = 0;
    peak(c, n) = Halide::max(peak(c, n), magnitude_bits(Real(padded(lane_dom, c, n))));
    Expr largest = peak(c - special_window / 2, n);
    for (int i = 1; i < special_window; i++) largest = Halide::max(largest, peak(c - special_window / 2 + i, n));
    return largest;
  }
};

}  // namespace kiln
