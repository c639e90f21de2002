// The float64 parts of the normalizations: sums over segments, and the few numbers a row or channel that come of them.
//
// They are written with Wide, float32 arithmetic with Real. Neither has a sign change that is a subtraction: 0 - x
// would turn -0 into 0, and negative() is -0 - x.
#pragma once

#include <Halide.h>

#include "math/real.h"
#include "math/wide.h"

namespace kiln {

using Halide::Expr;

inline Wide f64(const Real &x) { return Wide(Halide::cast<double>(x.expr())); }
inline Wide f64(const Expr &x) { return Wide(Halide::cast<double>(x)); }
inline Real f32(const Wide &x) { return Real(Halide::cast<float>(x.expr())); }

inline Wide negative(const Wide &x) { return Wide(-0.0) - x; }
inline Wide reciprocal(const Wide &x) { return Wide(1.0) / x; }

inline Wide infinity64() { return from_word(word(0x7ff0000000000000)); }
inline Wide nan64() { return from_word(word(0x7ff8000000000000)); }

// floor(log2(|x|)) of a normal float64; -1023 of 0, 1024 of infinity and NaN.
inline Expr exponent64(const Wide &x) { return Halide::cast<int>((word(x) >> 52) & 0x7ff) - 1023; }

// 2^k: as float64 for -1022 <= k <= 1023, as float32 for -126 <= k <= 127.
inline Wide two_to_64(const Expr &k) { return from_word(Halide::cast<int64_t>(k + 1023) << 52); }
inline Real two_to(const Expr &k) { return Real(Halide::reinterpret(Halide::Float(32), (k + 127) << 23)); }

// The bits of |x| as Int(32): they order as the values do, infinity and then NaN last.
inline Expr magnitude_bits(const Real &x) { return Halide::reinterpret(Halide::Int(32), abs(x).expr()); }
inline Real from_magnitude(const Expr &bits) { return Real(Halide::reinterpret(Halide::Float(32), bits)); }
inline Expr is_finite(const Real &x) { return magnitude_bits(x) < 0x7f800000; }

// Whether x, which is finite or compared with is_finite() too, is at least a positive limit.
inline Expr reaches(const Real &x, float limit) {
  if (!nan_free_compiler()) return x.expr() >= limit;
  return Halide::reinterpret(Halide::Int(32), x.expr()) >= Halide::reinterpret(Halide::Int(32), Expr(limit));
}

// x, but at most `limit` in magnitude; of NaN either NaN or some number within.
inline Real within(const Real &x, float limit) {
  if (!nan_free_compiler()) return Real(Halide::clamp(x.expr(), -limit, limit));
  return at_most(at_least(x, -limit), limit);
}

}  // namespace kiln
