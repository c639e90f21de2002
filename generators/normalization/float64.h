// The float64 parts of the normalizations: sums over segments, and the few numbers a row or channel that come of them.
//
// They are written with Halide's own operators on Expr. Every target carries strict_float, under which x86 and AArch64
// emit these operations as written; float32 arithmetic is Real's. A unary minus on Expr would be 0 - x, which turns
// -0 into 0: negative() is the sign change.
#pragma once

#include <Halide.h>

#include "math/real.h"

namespace kiln {

using Halide::Expr;

inline Expr f64(const Real &x) { return Halide::cast<double>(x.expr()); }
inline Expr f64(const Expr &x) { return Halide::cast<double>(x); }
inline Real f32(const Expr &x) { return Real(Halide::cast<float>(x)); }

inline Expr negative(const Expr &x) { return Expr(-0.0) - x; }
inline Expr reciprocal(const Expr &x) { return Expr(1.0) / x; }

inline Expr word(const Expr &x) { return Halide::reinterpret(Halide::Int(64), x); }
inline Expr infinity64() { return Halide::reinterpret(Halide::Float(64), Expr(int64_t{0x7ff0000000000000})); }
inline Expr nan64() { return Halide::reinterpret(Halide::Float(64), Expr(int64_t{0x7ff8000000000000})); }
inline Expr magnitude_word(const Expr &x) { return word(x) & Expr(int64_t{0x7fffffffffffffff}); }
inline Expr is_nan64(const Expr &x) { return magnitude_word(x) > word(infinity64()); }

// floor(log2(|x|)) of a normal float64; -1023 of 0, 1024 of infinity and NaN.
inline Expr exponent64(const Expr &x) { return Halide::cast<int>((word(x) >> 52) & 0x7ff) - 1023; }

// 2^k: as float64 for -1022 <= k <= 1023, as float32 for -126 <= k <= 127.
inline Expr two_to_64(const Expr &k) {
  return Halide::reinterpret(Halide::Float(64), Halide::cast<int64_t>(k + 1023) << 52);
}
inline Real two_to(const Expr &k) { return Real(Halide::reinterpret(Halide::Float(32), (k + 127) << 23)); }

// The bits of |x| as Int(32): they order as the values do, infinity and then NaN last.
inline Expr magnitude_bits(const Real &x) { return Halide::reinterpret(Halide::Int(32), abs(x).expr()); }
inline Expr from_magnitude(const Expr &bits) { return Halide::reinterpret(Halide::Float(32), bits); }
inline Expr is_finite(const Real &x) { return magnitude_bits(x) < 0x7f800000; }

}  // namespace kiln
