// Explicit arithmetic: what is written is what is executed, on every target.
// (Stand-in for generators/math/real.h.)
#pragma once
#include "Halide.h"

namespace kiln {
using Halide::Expr;

inline Expr fma(const Expr &a, const Expr &b, const Expr &c) {
    return Halide::Internal::Call::make(a.type(), a.type().bits() == 64 ? "llvm.fma.f64" : "llvm.fma.f32",
                                        {a, b, c}, Halide::Internal::Call::PureExtern);
}
inline Expr bits(const Expr &x) { return Halide::reinterpret(Halide::Int(x.type().bits()), x); }
inline Expr magnitude_bits(const Expr &x) { return bits(x) & 0x7fffffff; }
inline Expr is_finite_bits(const Expr &x) { return magnitude_bits(x) < 0x7f800000; }

// The one NaN that Kiln stores.
inline Expr canonical(const Expr &x) {
    return Halide::select(magnitude_bits(x) > 0x7f800000, Halide::reinterpret<float>(Expr(0x7fc00000)), x);
}
// 2^k as float, k in [-126, 127].
inline Expr pow2(const Expr &k) { return Halide::reinterpret<float>((k + 127) << 23); }
inline Expr f64(const Expr &x) { return Halide::cast<double>(x); }
inline Expr f32(const Expr &x) { return Halide::cast<float>(x); }
}  // namespace kiln
