// From mean and variance to the four float32 numbers that apply a normalization:
//   t = fma(x, scale, shift)      scale = 2^k near 1 / sd, shift = -(mean scale) rounded
//   u = fma(t, factor, rest)      factor = 1 / (sd scale), rest = what the rounding of mean scale left, times factor
// Scaling by a power of two is exact, so t is exact wherever x is near the mean, and rounded once elsewhere, whatever
// the size of x, mean and sd. k is limited so that neither scale nor mean scale overflows; a constant row with eps = 0
// has the largest float32 for a factor, or infinity where its sd is exactly zero.
#pragma once

#include <cfloat>

#include "math/float64.h"

namespace kiln {

struct Coefficients {
  Real scale, shift, factor, rest;

  Real apply(const Real &x) const { return fma(fma(x, scale, shift), factor, rest); }
  std::vector<Expr> numbers() const { return {scale.expr(), shift.expr(), factor.expr(), rest.expr()}; }
  static Coefficients from(const Halide::FuncRef &f) { return {Real(f[0]), Real(f[1]), Real(f[2]), Real(f[3])}; }
};

// x, but at most the largest float32 in magnitude, where that holds.
inline Float64 at_most_largest_float(const Float64 &x, const Expr &where) {
  const Float64 largest(static_cast<double>(FLT_MAX)), smallest(-static_cast<double>(FLT_MAX));
  return select(where && x > largest, largest, select(where && x < smallest, smallest, x));
}

// The float32 next to a finite x other than 0, on the side of `side`'s sign.
inline Real next_towards(const Real &x, const Float64 &side) {
  const Expr up = (side > 0.0) == (f64(x) > 0.0);  // in magnitude
  return from_bits(bits(x) + Halide::select(up, word32(1), word32(0xffffffffu)));
}

// The least float32, with the sign of x. Times itself and any finite float32 it is a zero, times itself and an infinity
// an infinity.
inline Real least_float(const Expr &negative = false) {
  return from_bits(Halide::select(negative, word32(0x80000001u), word32(1)));
}

// scale, and in float64 mean scale and weight / (sd scale). The power of two is the one below |weight| / sd, which
// leaves a factor of 1 to 4: what is finite in the end is finite on the way.
struct Standard {
  Real scale;
  Float64 centre, factor;

  // By 2^power, or what a large mean leaves room for.
  Standard(const Float64 &mean, const Float64 &sd, const Expr &power, const Real &weight)
      : scale(two_to(Halide::clamp(Halide::min(power, 100 - exponent64(mean)), -126, 126))),
        centre(mean * f64(scale)),
        factor(at_most_largest_float(f64(weight) / (sd * f64(scale)), sd > 0.0 && is_finite(weight))) {}

  // A bias that may bring a term beyond float32 back into it has a scale below 1, as far as the factor reaches, so that
  // x scale is finite. Where the factor would be zero, scale and factor are the least float32, for infinite x beside
  // given statistics.
  static Standard with_bias(const Float64 &mean, const Float64 &sd, const Real &weight, const Real &bias) {
    constexpr int kLargeBias = (127 + 124) << 23;  // bits of 2^124
    const Float64 w = f64(weight);
    const Expr ratio = Halide::min(exponent64(w), 256) - exponent64(sd);
    const Expr below_one = Halide::select(magnitude_bits(bias) >= kLargeBias, Halide::max(-1, ratio - 126), 256);
    Standard s(mean, sd, Halide::min(ratio - 1, below_one), weight);
    const Expr vanishes = magnitude_bits(f32(s.factor)) == 0 && magnitude_bits(weight) != 0 && sd < infinity64();
    s.scale = select(vanishes, least_float(), s.scale);
    s.factor = select(vanishes, f64(least_float(w < 0.0)), s.factor);
    s.centre = mean * f64(s.scale);
    return s;
  }

  // What a rounding of mean scale leaves. An infinite mean, which only running statistics can be beside finite values,
  // leaves nothing.
  Float64 low(const Real &high) const { return select(is_finite(high), centre - f64(high), 0.0); }
  Real rest(const Real &high, const Float64 &bias) const { return f32(bias - low(high) * factor); }
};

// Without weight and bias, which are then 1 and -0. Mean and variance are those of x.
inline Coefficients standardizing(const Float64 &mean, const Float64 &variance, const Float64 &eps) {
  const Float64 sd = sqrt(variance + eps);
  const Standard standard(mean, sd, -1 - exponent64(sd), Real(1.0f));
  const Real high = f32(standard.centre);
  return {standard.scale, -high, f32(standard.factor), standard.rest(high, -0.0)};
}

// At the edge: an infinite factor (an infinite weight, or a variance and eps of 0) leaves the bias for a rest. Where
// the rest would overflow beside a finite bias, mean scale is rounded to its other side, which makes the rest smaller
// than the bias.
inline Coefficients standardizing(const Float64 &mean, const Float64 &variance, const Float64 &eps, const Real &weight,
                                  const Real &bias) {
  const Standard standard = Standard::with_bias(mean, sqrt(variance + eps), weight, bias);
  const Real factor = f32(standard.factor), nearest = f32(standard.centre);
  const Expr overflows = is_finite(bias) && is_finite(factor) && !is_finite(standard.rest(nearest, f64(bias)));
  const Real high = select(overflows, next_towards(nearest, standard.low(nearest)), nearest);
  return {standard.scale, -high, factor, select(is_finite(factor), standard.rest(high, f64(bias)), bias)};
}

}  // namespace kiln
