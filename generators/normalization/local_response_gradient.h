// The gradient of local_response_norm, as PyTorch's autograd has it:
//   g / d^beta + 2 alpha / size x * sum of slope over the channels whose windows have this one,
//   slope = -(beta g) (x d^-beta) d^-1, d = k + alpha / size * sum of x^2 over a window.
// float64 all through, where nothing of ordinary arguments overflows and sums may cancel.
#pragma once

#include <functional>

#include "math/dialect.h"
#include "math/element.h"
#include "normalization/power.h"
#include "normalization/reduction.h"

namespace kiln {

// Powers that networks use have one by square roots.
enum class GradientPower { general, three_quarters, half, one };

// As a kernel gets them. The window of c is c - before ... c + after; `size` divides the sum of its
// squares; `power` is a GradientPower.
struct ResponseArguments {
  Expr before, after, size, alpha, beta, k, power;
};

// What lies side by side in memory. On devices an element has its whole window computed for itself.
enum class Lanes { positions, channels, each_alone };

class LocalResponseGradient {
 public:
  Expr result;
  // CPUs: of all channels of some positions, and 0 beyond them, what windows are summed over.
  Func square{"square"};                  // of x
  Func parts{"parts"};                    // g / d^beta, and the slope
  Func squares{"squares"}, sums{"sums"};  // over windows: of x^2; of slopes, on devices with g / d^beta of the element
  Func base{"base"}, inverse{"inverse"};  // d; d^-beta and 1 / d
  RDom window_dom, edge_dom;
  Halide::RVar position, channel;  // of what windows are summed over; positions are reduced over where they are lanes

  LocalResponseGradient(Element element, Lanes lanes, const ResponseArguments &arguments, Var s, Var c, Var n)
      : element(element), lanes(lanes), given(arguments), s(s), c(c), n(n) {}

  template <class Image>
  void define(Image &g, Image &x) {
    const Expr positions = x.dim(0).extent();
    channels = x.dim(1).extent();
    grad = [&](const Expr &s, const Expr &c) { return f64(apart(load(element, g(s, c, n)))); };
    value = [&](const Expr &s, const Expr &c) { return f64(apart(load(element, x(s, c, n)))); };
    window_dom = RDom(0, given.before + given.after + 1, "window");
    edge_dom = RDom(0, given.before + given.after, "edge");
    if (lanes == Lanes::each_alone) return define_alone();
    if (lanes == Lanes::positions) {
      const RDom all(0, positions, 0, channels, "all");
      position = all.x;
      channel = all.y;
    } else {
      channel = RDom(0, channels, "all").x;
    }
    define_together();
  }

 private:
  Element element;
  Lanes lanes;
  ResponseArguments given;
  Var s, c, n;
  Expr channels;
  std::function<Float64(const Expr &position, const Expr &channel)> grad, value;

  // Two conversions would become one, and there is none of float16 and float64 by vectors: bits that no GradientPower
  // has keep them apart.
  Real apart(const Real &x) const {
    if (element != Element::float16 || !converts_float16()) return x;
    return from_bits(bits(x) ^ (Halide::cast<uint32_t>(given.power) >> 8));
  }

  // The `before` channels before the first one, and those after the last.
  Expr beyond(const Expr &before) const {
    return Halide::select(edge_dom < before, edge_dom - before, channels + edge_dom - before);
  }

  void define_together() {
    const Expr at = lanes == Lanes::positions ? Expr(position) : Expr(s), l = channel;
    square(s, c, n) = Halide::undef<double>();
    square(s, beyond(given.before), n) = Expr(0.0);
    square(at, l, n) = named(value(at, l), [](const Float64 &x) { return x * x; }).expr();
    define_base([&](const Expr &channel) { return f64(square(s, channel, n)); });

    parts(s, c, n) = Halide::Tuple(Halide::undef<double>(), Halide::undef<double>());
    parts(s, beyond(given.after), n) = Halide::Tuple(Expr(0.0), Expr(0.0));
    parts(at, l, n) = Halide::Tuple(direct(at, l).expr(), slope(at, l).expr());

    sums(s, c, n) = Expr(0.0);
    sums(s, c, n) = (f64(sums(s, c, n)) + f64(Expr(parts(s, c - given.after + window_dom, n)[1]))).expr();
    result = total(f64(Expr(parts(s, c, n)[0])), f64(sums(s, c, n)));
  }

  void define_alone() {
    const auto inside = [=](const Expr &channel) { return channel >= 0 && channel < channels; };
    const auto clamped = [=](const Expr &channel) { return Halide::clamp(channel, 0, channels - 1); };
    define_base([&](const Expr &channel) {
      return named(value(s, clamped(channel)), [&](const Float64 &x) { return select(inside(channel), x * x, 0.0); });
    });
    const Expr channel = c - given.after + window_dom, there = clamped(channel);
    sums(s, c, n) = Halide::Tuple(Expr(0.0), Expr(0.0));
    const Float64 sum = f64(Expr(sums(s, c, n)[0])), own = f64(Expr(sums(s, c, n)[1]));
    sums(s, c, n) = Halide::Tuple((sum + select(inside(channel), slope(s, there), 0.0)).expr(),
                                  select(window_dom == given.after, direct(s, there), own).expr());
    result = total(f64(Expr(sums(s, c, n)[1])), f64(Expr(sums(s, c, n)[0])));
  }

  void define_base(const std::function<Float64(const Expr &channel)> &squared) {
    squares(s, c, n) = Expr(0.0);
    squares(s, c, n) = (f64(squares(s, c, n)) + squared(c - given.before + window_dom)).expr();
    base(s, c, n) = (f64(given.k) + (f64(given.alpha) / f64(given.size)) * f64(squares(s, c, n))).expr();
    const Float64 d = f64(base(s, c, n));
    const auto mode = [&](GradientPower power) { return given.power == static_cast<int>(power); };
    const Inverse general = by_logarithm(d), cubed = by_quarters(d, true), root = by_quarters(d, false);
    const Float64 once = reciprocal(d);
    const auto chosen = [&](const Float64 &g, const Float64 &c, const Float64 &r) {
      return select(mode(GradientPower::three_quarters), c,
                    select(mode(GradientPower::half), r, select(mode(GradientPower::one), once, g)));
    };
    inverse(s, c, n) = Halide::Tuple(chosen(general.of_power, cubed.of_power, root.of_power).expr(),
                                     chosen(general.of_base, cubed.of_base, root.of_base).expr());
  }

  Float64 direct(const Expr &s, const Expr &c) const { return grad(s, c) * f64(Expr(inverse(s, c, n)[0])); }
  Float64 slope(const Expr &s, const Expr &c) const {
    const Float64 of_power = f64(Expr(inverse(s, c, n)[0])), of_base = f64(Expr(inverse(s, c, n)[1]));
    const Float64 product = negative(grad(s, c) * f64(given.beta)) * ((value(s, c) * of_power) * of_base);
    return select(f64(given.beta) == 0.0, 0.0, product);
  }
  Expr total(const Float64 &direct, const Float64 &slopes) const {
    const Float64 sum = direct + value(s, c) * (slopes * (f64(given.alpha) / f64(given.size))) * 2.0;
    return store(element, apart(f32(sum)));
  }

  // d^-beta and d^-1. Where d is 0 or infinite, the second is d^(beta - 1) d^-beta, which autograd has in its place.
  struct Inverse {
    Float64 of_power, of_base;
  };

  static Expr is_unusual(const Float64 &d) {
    return magnitude_word(d) == word(0) || magnitude_word(d) == word(infinity64());
  }

  // d^(-3/4) or d^(-1/2) by multiplications alone, as math/inverse_root.h has it. r near d^(-1/4), to 3 %, comes from
  // the bits of d; the series of (1 - h)^(-1/4), h = 1 - d r^4, leaves an error of 1e-7, and one term of another h
  // 1e-13.
  static Inverse by_quarters(const Float64 &d, bool cubed) {
    const auto rest = [&](const Float64 &r) {
      return named(r * r, [&](const Float64 &square) { return Float64(1.0) - d * (square * square); });
    };
    const auto series = [](const Float64 &h) {
      double factor[6] = {1.0};
      for (int i = 1; i < 6; i++) factor[i] = factor[i - 1] * (i - 0.75) / i;
      Float64 p = factor[5];
      for (int i = 4; i >= 0; i--) p = p * h + factor[i];
      return p;
    };
    const Expr bits = Halide::cast<int64_t>(Halide::cast<uint64_t>(word(d)) >> 2);
    const Float64 start = from_word(word(int64_t{0x4feb020000000000}) - bits);
    const Float64 root = named(start, [&](const Float64 &r) { return r * named(rest(r), series); });
    // PyTorch has no square root of minus infinity, but 0.75 as C's pow has it.
    const Expr infinite = (cubed ? magnitude_word(d) : word(d)) == word(infinity64());
    const auto power = [&](int quarters) {
      return ordinary_or_limit(
          d, infinite, named(root, [&](const Float64 &r) {
            const Float64 square = r * r, whole = quarters == 2 ? square : quarters == 3 ? square * r : square * square;
            return whole + whole * (rest(r) * (0.25 * quarters));
          }));
    };
    return {power(cubed ? 3 : 2), power(4)};
  }

  // Of a power below 0: infinite at 0, 0 at infinity, NaN of NaN and below 0.
  static Float64 ordinary_or_limit(const Float64 &d, const Expr &infinite, const Float64 &power) {
    const Expr least = word(int64_t{1} << 52);
    const Float64 limit = select(magnitude_word(d) < least, infinity64(), select(infinite, Float64(0.0), nan64()));
    return select(word(d) >= least && word(d) < word(infinity64()), power, limit);
  }

  // No power of an ordinary base is 0 or infinite: beyond 2^500 and 2^-500 no float32 tells it from one that is.
  Inverse by_logarithm(const Float64 &d) const {
    const Float64 beta = f64(given.beta), one = 1.0, zero = 0.0, limit = 500.0;
    const Float64 exponent =
        from_word(word(beta) ^ word(INT64_MIN));  // no arithmetic, which the host would do another way
    const auto usual = [&](const Float64 &x) {
      return named(exponent * log2_64(x),
                   [&](const Float64 &y) { return exp2_64(select(y > limit, limit, select(y < -500.0, -500.0, y))); });
    };
    const Float64 r = power_as_pow(d, exponent, usual);
    const Float64 at_zero = select(beta > one, zero, select(beta == one, one, infinity64()));
    const Float64 at_infinity = select(beta > one, infinity64(), select(beta == one, one, zero));
    const Float64 extreme = select(magnitude_word(d) == word(0), at_zero, at_infinity);
    const Float64 of_base = select(is_unusual(d), r * extreme, reciprocal(d));
    const Expr endless = magnitude_word(beta) == word(infinity64()) && d != one;
    return {r, select(endless, nan64(), of_base)};
  }
};

}  // namespace kiln
