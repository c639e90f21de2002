#pragma once

#include "real.h"

namespace kiln {

// A value as high + low, |low| at most about an ULP of high.
struct Pair {
  Real high;
  Real low;
};

// A value of the kernel, and what its last rounding took: value + rest is nearer to the real result. Storage of fewer
// bits than float32 has needs it where the value lies halfway between two of its numbers (element.h).
struct Rounded {
  Real value;
  Real rest;
};

// top / bottom by one division, and its error.
//
// first is the product of top with the rounded inverse; its excess,
// first * bottom - top, is small, so float32 holds it accurately, and the last
// fma takes excess / bottom away from first with a single rounding. That holds
// for a subnormal result too: first is then rounded coarsely, and the excess
// knows by how much, as long as top and bottom are normal.
//
// The excess of a quotient of -0 is +0 (this is why it is not a shortfall), and
// -0 - 0 = -0 remains.
struct Division {
  Real inverse;
  Real first;
  Real excess;

  Rounded result() const {
    const Real value = fma(-excess, inverse, first);
    return {value, fma(-excess, inverse, first - value)};
  }
};

inline Division divide(const Real &top, const Pair &bottom) {
  const Real inverse = Real(1.0f) / bottom.high;
  const Real first = top * inverse;
  return {inverse, first, fma(first, bottom.low, fma(first, bottom.high, -top))};
}

// The same for a top that is never -0, by the shortfall: one operation less
// where the top comes from integer arithmetic, which would negate it apart.
inline Rounded divide_positive(const Real &top, const Pair &bottom) {
  const Real inverse = Real(1.0f) / bottom.high;
  const Real first = top * inverse;
  const Real shortfall = fma(-first, bottom.low, fma(-first, bottom.high, top));
  const Real value = fma(shortfall, inverse, first);
  return {value, fma(shortfall, inverse, first - value)};
}

inline Division divide(const Pair &top, const Pair &bottom) {
  const Real inverse = Real(1.0f) / bottom.high;
  const Real first = top.high * inverse;
  return {inverse, first, fma(first, bottom.low, fma(first, bottom.high, -top.high) - top.low)};
}

}  // namespace kiln
