// local_response_norm: x / (k + alpha / size * sum of x^2 over a window of channels)^beta.
//
// Any window and power: float64 all through, where nothing overflows and the order of a sum is no care. Three powers of
// the window of 5 channels that networks use: float32 wherever the base is an ordinary number, float64 elsewhere.
#pragma once

#include "math/element.h"
#include "math/inverse_root.h"
#include "normalization/power.h"
#include "normalization/reduction.h"

namespace kiln {

enum class Power { three_quarters, half, one, general };

// Whether float64 is called for is asked once a row of positions, once a tile of some positions with all their
// channels, which lie side by side, or by each element for itself.
enum class Rare { rows, tiles, elements };

struct Tile {
  int positions, lanes;  // of a vector
};

class LocalResponse {
 public:
  static constexpr int special_window = 5;

  // What is stored. Where x is the output too, the neighbours that a window still needs would be overwritten: the
  // caller copies x then.
  Expr result;
  Func squares{"squares"};      // float64 sum over any window; that over the special one is written out
  Func fallback{"fallback"};    // the result by float64, of a row in which it is called for
  Func square{"square"};        // of x in float32; 0 beyond the channels
  Func base{"base"};            // k + alpha / size * sum, in float32
  Func strangest{"strangest"};  // of a row of positions: the largest distance of a base above 2^-60
  Func largest{"largest"};      // of a tile: the bits of its largest square, which those of NaN exceed
  Func second{"second"};        // whether a tile takes a second look
  Expr whole_vectors;           // the channels of a position are
  RDom window_dom, edge_dom, lane_dom, tile_dom, rare_dom;

  // The window of c is c - before ... c + after; `size` divides the sum of its squares.
  LocalResponse(Power power, Rare asked, Tile tile, const Expr &before, const Expr &after, const Expr &size,
                const Expr &alpha, const Expr &beta, const Expr &k, Var s, Var c, Var n)
      : power(power),
        asked(asked),
        tile(tile),
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

  void define(Halide::ImageParam x) {
    positions = x.dim(0).extent();
    channels = x.dim(1).extent();
    whole_vectors = channels % tile.lanes == 0;
    at_channel = [=, channels = channels](const Expr &channel) {
      const Expr inside = Halide::likely(channel >= 0) && Halide::likely(channel < channels);
      return Real(Halide::select(inside, x(s, Halide::likely(Halide::clamp(channel, 0, channels - 1)), n), 0.0f));
    };
    here = Real(x(s, c, n));
    if (special()) {
      lane_dom = RDom(0, asked == Rare::tiles ? channels : positions, "lane");
      define_special(x);
    } else {
      result = by_float64();
    }
  }

 private:
  Power power;
  Rare asked;
  Tile tile;
  Expr before, after, size, alpha, beta, k;
  Var s, c, n;
  Expr positions, channels;
  std::function<Real(const Expr &channel)> at_channel;  // x, and 0 beyond the channels
  Real here{0.0f};

  Expr by_float64() {
    const Float64 base = f64(k) + (f64(alpha) / f64(size)) * sum_of_squares();
    const Real quotient = f32(f64(here) / named(base, [&](const Float64 &value) { return power_of(value); }));
    return canonical(quotient);
  }
  Float64 sum_of_squares() {
    const auto squared = [](const Real &x) { return f64(x) * f64(x); };
    if (special()) {
      Float64 sum = 0.0;
      for (int i = 0; i < special_window; i++) sum = sum + squared(at_channel(c - special_window / 2 + i));
      return sum;
    }
    window_dom = RDom(0, before + after + 1, "window");
    squares(s, c, n) = Expr(0.0);
    squares(s, c, n) = (f64(squares(s, c, n)) + squared(at_channel(c - before + window_dom))).expr();
    return f64(squares(s, c, n));
  }

  Float64 power_of(const Float64 &base) {
    const Float64 beta = f64(this->beta);
    return power_as_pow(base, beta, [&](const Float64 &x) { return exp2_64(beta * log2_64(x)); });
  }

  // A base is ordinary from 2^-60 to 2^100. Where k and alpha are within these bounds, it is neither beyond nor NaN but
  // by values that are huge, infinite or NaN: a row or tile that has none takes no second look, and stores no NaN.
  void define_special(Halide::ImageParam x) {
    define_square(x);
    base(s, c, n) = base_of_window().expr();
    const auto above = [](const Expr &d) { return bits(Real(d)) - word32(0x21800000u); };
    const Expr range = word32(0x71800000u - 0x21800000u);
    const Expr plain = f64(k) >= 0x1p-60 && f64(k) <= 0x1p60 && f64(alpha) >= 0.0 && f64(alpha) <= 0x1p30;
    const Expr strange = !plain || above(base(s, c, n)) > range;
    if (asked == Rare::rows) {
      strangest(c, n) = word32(0);
      strangest(c, n) = Halide::max(strangest(c, n), above(base(lane_dom, c, n)));
    }
    if (asked == Rare::tiles) define_second_look(plain);

    const Expr rare = asked == Rare::rows    ? !plain || strangest(c, n) > range
                      : asked == Rare::tiles ? second(s / tile.positions, n)
                                             : strange;
    const Expr ordinary = quotient(Real(base(s, c, n))).expr();
    rare_dom = RDom(0, 1, "rare");
    rare_dom.where(rare);
    fallback(s, c, n) = Halide::undef<float>();
    // Names the domain that carries the condition.
    fallback(s, c, n) = Halide::select(strange && rare_dom == 0, by_float64(), ordinary);
    const Expr looked = fallback(in_plane(s), c, n), chosen = Halide::select(rare, looked, ordinary);
    result = asked == Rare::tiles ? Halide::select(whole_vectors, either(rare, looked, ordinary), chosen) : chosen;
  }

  // Along memory no vector mixes channels with what is beyond them.
  void define_square(Halide::ImageParam x) {
    if (asked != Rare::tiles) {
      square(s, c, n) = (at_channel(c) * at_channel(c)).expr();
      return;
    }
    constexpr int beside = special_window / 2;
    edge_dom = RDom(0, 2 * beside, "edge");
    const Real inside(x(s, lane_dom, n));
    square(s, c, n) = Halide::undef<float>();
    square(s, Halide::select(edge_dom < beside, edge_dom - beside, channels + edge_dom - beside), n) = 0.0f;
    square(s, lane_dom, n) = (inside * inside).expr();
  }

  // No base exceeds k + alpha times the largest square by more than its roundings.
  void define_second_look(const Expr &plain) {
    const Var i("i");
    tile_dom = RDom(0, tile.positions, 0, channels, "tile");
    const Expr position = i * tile.positions + tile_dom.x;
    tile_dom.where(Halide::likely(position < positions));
    largest(i, n) = word32(0);
    largest(i, n) = Halide::max(largest(i, n), bits(Real(square(in_plane(position), tile_dom.y, n))));
    const Expr finite = largest(i, n) < word32(0x7f800000u);
    second(i, n) = !(plain && finite && f64(k) + f64(alpha) * (f64(from_bits(largest(i, n))) * 2.0) <= 0x1p100);
  }

  // A branch: in place of a vector's second load and blend. Halide has no tails of vectors by masks with one.
  static Expr either(const Expr &condition, const Expr &if_true, const Expr &if_false) {
    using Halide::Internal::Call;
    return Call::make(Halide::Float(32), Call::if_then_else, {condition, if_true, if_false}, Call::PureIntrinsic);
  }

  // Tells Halide that tiles end where planes do.
  Expr in_plane(const Expr &position) const {
    return asked == Rare::tiles ? Halide::unsafe_promise_clamped(position, 0, positions - 1) : position;
  }

  // k and the square of channel 4, then those of ((0 1) + (2 3)): a product's rounding less than by way of their sum.
  Real base_of_window() {
    static_assert(special_window == 5);
    const auto at = [&](int i) { return Real(square(in_plane(s), c - special_window / 2 + i, n)); };
    const Real factor = f32(f64(alpha) / f64(size));
    return fma((at(0) + at(1)) + (at(2) + at(3)), factor, fma(at(4), factor, f32(f64(k))));
  }

  Real quotient(const Real &d) {
    if (power == Power::one) return here / d;
    return power == Power::half ? over_root(here, d) : over_root_cubed(here, d);
  }
};

}  // namespace kiln
