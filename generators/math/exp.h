#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "exp_constants.h"
#include "polynomial.h"
#include "quotient.h"
#include "real.h"

namespace kiln {

// x = n (ln 2 / steps) + head + tail for the integer n nearest to x * rate, or
// largest if that is less and not 0.
//
// Adding 1.5 * 2^23 rounds to an integer n and leaves it in the low bits of the
// sum: no float becomes an integer by conversion. head is exact while below 1/2:
// for n = 0 it is x; otherwise x and n * ln2_head / steps are multiples of 2^-25
// (2^-26 for steps = 2), and so is their difference, which fits in 24 bits.
struct Reduced {
  Real n;
  Halide::Expr n_bits;  // n + offset modulo 2^22, in UInt(32)
  Real head;
  Real tail;
};

constexpr float rounder_to(int offset) { return 0x1.8p23f + static_cast<float>(offset); }

inline Reduced reduce(const Real &x, float rate, float steps, int offset = 0, int largest = 0) {
  const float rounder = rounder_to(offset);
  const Real rounded = fma(x, rate, rounder);
  const Real shifted = largest ? at_most(rounded, rounder + static_cast<float>(largest)) : rounded;
  const Real n = shifted - Real(rounder);
  return {n, bits(shifted), fma(n, -constants::ln2_head / steps, x), n * Real(-constants::ln2_tail / steps)};
}

// The offset that makes an exponent field of n for 2^(scale + n).
constexpr int exponent_of(int scale) { return 127 + scale; }

// The number with such an exponent field, which the caller keeps from 1 to 254.
// The shift drops what the rounding constant left above it.
inline Real power_of_two(const Halide::Expr &exponent) { return from_bits(exponent << word32(23)); }

// 2^-n, where n_bits has no offset.
inline Real inverse_power_of_two(const Halide::Expr &n_bits) {
  const Halide::Expr one = word32(static_cast<uint32_t>(exponent_of(0)) << 23);
  return from_bits(one - (n_bits << word32(23)));
}

// exp(r) - 1 - head for r = head + tail: tail + r^2 P(r), P by the table c.
template <std::size_t count>
Real exp_rest(const Reduced &r, const std::array<float, count> &c) {
  const Real sum = r.head + r.tail;
  const Real square = sum * sum;
  return fma(square, polynomial(c, sum, square), r.tail);
}

// exp(-r) - 1 + head.
inline Real exp_minus_rest(const Reduced &r) {
  const Real sum = r.head + r.tail;
  const Real square = sum * sum;
  return fma(square, polynomial(alternating(constants::exp_exact), sum, square), -r.tail);
}

// exp(r).
template <std::size_t count>
Pair exp_pair(const Reduced &r, const std::array<float, count> &c) {
  const Real rest = exp_rest(r, c);
  const Real high = (r.head + rest) + 1.0f;
  return {high, ((Real(1.0f) - high) + r.head) + rest};
}

// exp(r) in one float32, to 1 ULP: mish has it pass through more roundings than
// sigmoid and silu have exp(-r), so its polynomial is one term longer.
inline Real exp_near(const Reduced &r) {
  const Real sum = r.head + r.tail;
  return fma(fma(polynomial(constants::exp_near, sum), sum, 1.0f), sum, 1.0f);
}

// exp(-r) in one float32, to 1 ULP.
inline Real exp_minus_near(const Reduced &r) {
  const Real sum = r.head + r.tail;
  return fma(fma(polynomial(alternating(constants::exp_near), sum), sum, -1.0f), sum, 1.0f);
}

// The same to 2 ULP.
inline Real exp_minus_fast(const Reduced &r) {
  const Real sum = r.head + r.tail;
  return fma(fma(polynomial(alternating(constants::exp_fast), sum), sum, -1.0f), sum, 1.0f);
}

}  // namespace kiln
