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
  Halide::Tuple tuple() const { return {scale.expr(), shift.expr(), factor.expr(), rest.expr()}; }
  static Coefficients from(const Halide::FuncRef &f) { return {Real(f[0]), Real(f[1]), Real(f[2]), Real(f[3])}; }
};

// x, but at most the largest float32 in magnitude, where that holds.
inline Float64 at_most_largest_float(const Float64 &x, const Expr &where) {
  const Float64 largest(static_cast<double>(FLT_MAX)), smallest(-static_cast<double>(FLT_MAX));
  return select(where && x > largest, largest, select(where && x < smallest, smallest, x));
}

// With a weight and bias that belong to the mean and variance, the power of two is the one below |weight| / sd,
// which leaves a factor of 1 to 4: what is finite in the end is finite on the way.
inline Coefficients standardizing(const Float64 &mean, const Float64 &variance, const Float64 &eps, const Real &weight,
                                  const Real &bias) {
  const Float64 sd = sqrt(variance + eps), w = f64(weight);
  const Expr nearest = Halide::clamp(exponent64(w), -256, 256) - exponent64(sd) - 1;
  const Expr k = Halide::clamp(Halide::min(nearest, 100 - exponent64(mean)), -126, 126);
  const Real scale = two_to(k);
  const Float64 centre = mean * f64(scale);
  const Real high = f32(centre);
  // An infinite mean, which only running statistics can be beside finite values, leaves nothing.
  const Float64 low = select(is_finite(high), centre - f64(high), 0.0);
  const Float64 factor = at_most_largest_float(w / (sd * f64(scale)), sd > 0.0 && is_finite(weight));
  return {scale, -high, f32(factor), f32(f64(bias) - low * factor)};
}

}  // namespace kiln
