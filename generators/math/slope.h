// Gradients of elementwise operators: grad_output times the operator's derivative, rounded once.
//
// A derivative is f 2^n: f, in two parts, is of a moderate size where the derivative is far below the least float32, so
// that a large grad_output still meets all of its places.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "exp.h"
#include "pair.h"
#include "polynomial.h"
#include "slope_constants.h"

namespace kiln {

// exp(-195) is below 2^-278, of which the largest grad_output leaves nothing; 200 exp(-200) is, too.
inline constexpr float slope_least = -201.0f;

// 2^n in factors that are normal numbers: `inner` for f, which keeps f's low part normal; two for grad_output. Where
// grad_output loses something to these, nothing is left of the product.
struct SplitPower {
  Real inner;
  Real outer[2];
};

// n = x / ln(2), not below -292: of a reduction with the offset exponent_of(0).
inline SplitPower split_power(const Halide::Expr &n_bits) {
  const int least = -100;
  const uint32_t rounder_bits = 0x4b400000u;  // of 1.5 * 2^23, whose last place is 1
  const Halide::Expr inner = Halide::max(n_bits, word32(rounder_bits + static_cast<uint32_t>(exponent_of(0) + least)));
  const Halide::Expr rest = Halide::cast(Halide::Int(32), n_bits - inner);
  const Halide::Expr half = Halide::cast(Halide::UInt(32), rest >> Halide::Internal::make_const(Halide::Int(32), 1));
  const Halide::Expr other = Halide::cast(Halide::UInt(32), rest) - half;
  const Halide::Expr one = word32(exponent_of(0));
  return {power_of_two(inner), {power_of_two(half + one), power_of_two(other + one)}};
}

// g f. The part below f's head is left out for a g that is 0, whose sign it could change, and for an infinite one, with
// which it would be an infinity of its own.
inline Rounded product(const Real &g, const Pair &f) {
  const Halide::Expr less_one = (bits(g) & word32(0x7fffffffu)) - word32(1);
  // -0 as bits: Halide takes the constants 0 and -0 for one.
  const Real low = from_bits(Halide::select(less_one < word32(0x7f7fffffu), bits(g * f.low), word32(0x80000000u)));
  const Real value = fma(g, f.high, low);
  return {value, fma(g, f.high, -value) + low};
}

// All of f 2^n but the outer factors.
inline Pair with_inner(const Pair &f, const SplitPower &power) { return {f.high * power.inner, f.low * power.inner}; }
inline Real with_outer(const Real &g, const SplitPower &power) { return g * power.outer[0] * power.outer[1]; }

inline Pair pair_of(const Rounded &r) { return {r.value, r.rest}; }

inline Halide::Expr is_finite(const Real &a) { return (bits(a) & word32(0x7fffffffu)) < word32(0x7f800000u); }

// Whether an infinity times 0 is asked for: the derivative is 0 at infinities, and nowhere else.
inline Halide::Expr infinity_meets_zero(const Real &g, const Real &x) {
  const auto twice = [](const Real &a) { return bits(a) << word32(1); };
  return twice(g) == word32(0xff000000u) && twice(x) == word32(0xff000000u);
}

// What the logistic function's kin are made of.
struct SlopeParts {
  SplitPower power;  // 2^n
  Pair exp_minus;    // exp(-r)
  Pair sum;          // 2^n + exp(-r), to which a power below 2^-100 counts as 2^-100: it adds nothing
};

// Of x = n ln 2 + r, x from slope_least to 30.
inline SlopeParts slope_parts(const Real &x) {
  const Reduced r = reduce(x, constants::log2_e, 1.0f, exponent_of(0));
  const SplitPower power = split_power(r.n_bits);
  const Real rest = exp_minus_rest(r);
  const Real one(1.0f);
  const Real high = one - (r.head - rest);
  const Pair exp_minus{high, ((one - high) - r.head) + rest};
  const Pair sum = exact_sum(power.inner, high);
  return {power, exp_minus, {sum.high, sum.low + exp_minus.low}};
}

// sigmoid'(x) = S exp(-r) / (S + exp(-r))^2, without S, for x <= 0.
inline Pair sigmoid_slope(const SlopeParts &p) { return pair_of(divide(p.exp_minus, p.sum * p.sum).result()); }

// A derivative near its only root: d (first + d P(d)), d = x - root.
template <std::size_t count>
Pair slope_near_root(const Real &d, float root_tail, const Pair &first, const std::array<float, count> &c) {
  const Pair d_pair = {d, Real(-root_tail)};
  const Real rest = polynomial(c, d);
  const Real head = fma(d, rest, first.high);
  const Pair ratio{head, fma(d, rest, first.high - head) + first.low};
  return normalized(d_pair * ratio);
}

inline Pair select(const Halide::Expr &condition, const Pair &if_true, const Pair &if_false) {
  return {select(condition, if_true.high, if_false.high), select(condition, if_true.low, if_false.low)};
}

}  // namespace kiln
