// Arithmetic of values in two parts. Results keep some 44 bits.
#pragma once

#include "quotient.h"
#include "real.h"

namespace kiln {

// a + b = high + low without error, whichever of them is larger (Knuth's 2Sum).
inline Pair exact_sum(const Real &a, const Real &b) {
  const Real sum = a + b;
  const Real b_part = sum - a;
  return {sum, (a - (sum - b_part)) + (b - b_part)};
}

// The same where |a| is not below |b| (Dekker's Fast2Sum).
inline Pair ordered_sum(const Real &a, const Real &b) {
  const Real sum = a + b;
  return {sum, b - (sum - a)};
}

// a b = high + low without error, where low is normal.
inline Pair exact_product(const Real &a, const Real &b) {
  const Real product = a * b;
  return {product, fma(a, b, -product)};
}

inline Pair operator+(const Pair &a, const Pair &b) {
  const Pair sum = exact_sum(a.high, b.high);
  return {sum.high, sum.low + (a.low + b.low)};
}

inline Pair operator+(const Pair &a, const Real &b) {
  const Pair sum = exact_sum(a.high, b);
  return {sum.high, sum.low + a.low};
}

inline Pair operator*(const Pair &a, const Pair &b) {
  const Pair product = exact_product(a.high, b.high);
  return {product.high, fma(a.high, b.low, fma(a.low, b.high, product.low))};
}

inline Pair operator*(const Pair &a, const Real &b) {
  const Pair product = exact_product(a.high, b);
  return {product.high, fma(a.low, b, product.low)};
}

// The same number by parts that do not overlap, where high was the larger one.
inline Pair normalized(const Pair &a) { return ordered_sum(a.high, a.low); }

}  // namespace kiln
