#pragma once

#include <array>
#include <cstddef>

#include "real.h"

namespace kiln {

// c[0] + c[1] x + ... by Horner: one fma for each coefficient but the last.
template <std::size_t count>
Real polynomial(const std::array<float, count> &c, const Real &x) {
  Real sum = fma(x, c[count - 1], c[count - 2]);
  for (std::size_t i = count - 2; i-- > 0;) sum = fma(sum, x, c[i]);
  return sum;
}

// The same from even and odd powers, given square = x^2: as many operations, but
// a chain of half the length. Where an operator has some forty instructions a
// vector, a reorder buffer holds seven vectors or fewer, and latency shows.
template <std::size_t count>
Real polynomial(const std::array<float, count> &c, const Real &x, const Real &square) {
  static_assert(count >= 4);
  const auto every_other = [&](std::size_t first) {
    std::size_t i = first + (count - 1 - first) / 2 * 2;
    Real sum = c[i];
    for (; i > first; i -= 2) sum = fma(sum, square, c[i - 2]);
    return sum;
  };
  return fma(every_other(1), x, every_other(0));
}

// The coefficients of p(-x).
template <std::size_t count>
std::array<float, count> alternating(std::array<float, count> c) {
  for (std::size_t i = 1; i < count; i += 2) c[i] = -c[i];
  return c;
}

}  // namespace kiln
