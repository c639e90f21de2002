// Exact gradients of elementwise operators: grad_output times the operator's derivative, which is computed in float64,
// to some 2^-32 of it, and rounded once. exp(-201) and all that stands beside it are ordinary numbers there. No
// multiply-add is fused: the places to spare are worth more than it, on CPUs without one above all.
#pragma once

#include <array>
#include <cstddef>

#include "float64.h"
#include "quotient.h"
#include "slope_constants.h"

namespace kiln {

// exp(-195) is below 2^-278, of which the largest grad_output leaves nothing; 200 exp(-200) is, too.
inline constexpr float slope_least = -201.0f;

// exp(x) = power + rest for |x| < 700: a power of two, and less than half of it. exp(x) - 1 is good to the last place
// as (power - 1) + rest.
struct Exponential {
  Float64 power, rest;

  explicit Exponential(const Float64 &x) : Exponential(x * constants::log2_e_64, 0x1.8p52) {}
  Float64 value() const { return power + rest; }
  Float64 less_one() const { return (power - 1.0) + rest; }

 private:
  // Of 2^z. Adding magic rounds to an integer, and leaves it in the last bits.
  Exponential(const Float64 &z, double magic) : Exponential(z, z + magic, magic) {}
  Exponential(const Float64 &z, const Float64 &rounded, double magic)
      : power(from_word((word(rounded) + word(1023)) << word(52))), rest(power * fraction(z - (rounded - magic))) {}

  // 2^f - 1, from even and odd powers: a chain of half the length.
  static Float64 fraction(const Float64 &f) {
    const auto &c = constants::exp2_fraction;
    const Float64 square = f * f;
    Float64 even = c[6], odd = c[5];
    for (const std::size_t i : {4, 2, 0}) even = even * square + c[i];
    for (const std::size_t i : {3, 1}) odd = odd * square + c[i];
    return f * (odd * f + even);
  }
};

// sigmoid'(x) = sigmoid'(-x), for x <= 0.
inline Float64 sigmoid_slope(const Real &x) {
  const Float64 u = Exponential(f64(at_least(x, slope_least))).value(), sum = u + 1.0;
  return u / (sum * sum);
}

// What rounding to float32 leaves goes with it, to be rounded to fewer bits.
inline Rounded product(const Real &grad_output, const Float64 &slope) {
  const Float64 exact = f64(grad_output) * slope;
  const Real value = f32(exact);
  return {value, f32(exact - f64(value))};
}

// Whether an infinity times 0 is asked for: the derivative is 0 at infinities, and nowhere else.
inline Expr infinity_meets_zero(const Real &g, const Real &x) {
  const auto twice = [](const Real &a) { return bits(a) << word32(1); };
  return twice(g) == word32(0xff000000u) && twice(x) == word32(0xff000000u);
}

}  // namespace kiln
