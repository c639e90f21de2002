// From mean and variance (float64) to the four float32 numbers that apply a normalization:
//   t = fma(x, scale, shift)      scale = 2^k near 1 / sd, shift = -(mean * scale) rounded: exact near the mean
//   u = fma(t, factor, rest)      factor = 1 / (sd * scale), rest carries the mean's low part
// t is exact or correctly rounded whatever the size of x, mean and sd, so tiny and huge rows lose nothing.
#pragma once
#include "arith.h"
#include <cfloat>

namespace kiln {
struct Standardize {
    Expr scale, shift, factor, rest;
    Expr factor64, low64;  // what factor and rest are made of
};

inline Expr exponent64(const Expr &x) {
    return Halide::cast<int>((Halide::reinterpret(Halide::Int(64), x) >> 52) & 0x7ff) - 1023;
}

inline Standardize standardize(const Expr &mean, const Expr &variance, const Expr &eps) {
    using namespace Halide;
    Expr sd = sqrt(variance + eps);
    Expr k = clamp(min(-exponent64(sd), 100 - exponent64(mean)), -126, 126);
    Expr scale = pow2(k);
    Expr centre = mean * f64(scale);
    Expr high = f32(centre);
    Expr low = centre - f64(high);
    Expr factor = Expr(1.0) / (sd * f64(scale));
    factor = select(sd > 0 && factor > Expr((double)FLT_MAX), Expr((double)FLT_MAX), factor);
    return {scale, -high, f32(factor), f32(-(low * factor)), factor, low};
}
inline Expr standardized(const Expr &x, const Standardize &k) { return fma(fma(x, k.scale, k.shift), k.factor, k.rest); }
}  // namespace kiln
