// NaN and subnormals as the hardware has them.
//
// A NaN that a float32 instruction computes is 0x7fffffff, whatever went in (CUDA's programming guide). Of float64 the
// guide says only that NaN operands come out as quiet NaN: here the first of them does, and an invalid operation of
// numbers gives 0xfff8000000000000.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

namespace kilnsim {

template <class To, class From>
To same_bits(From from) {
  static_assert(sizeof(To) == sizeof(From), "");
  To to;
  memcpy(&to, &from, sizeof to);
  return to;
}

inline float flush(float a) { return std::fabs(a) < 0x1p-126f ? std::copysign(0.0f, a) : a; }

template <bool z, class T>
T operand(T a) {
  if constexpr (z) {
    return flush(a);
  } else {
    return a;
  }
}

template <bool z>
float result32(float a) {
  if (a != a) return same_bits<float>(0x7fffffffu);
  return z ? flush(a) : a;
}

inline double quiet(double a) { return same_bits<double>(same_bits<uint64_t>(a) | 0x0008000000000000u); }

template <class... Operands>
double result64(double result, Operands... operands) {
  if (result == result) return result;
  for (double a : {operands...}) {
    if (a != a) return quiet(a);
  }
  return same_bits<double>(uint64_t(0xfff8000000000000u));
}

}  // namespace kilnsim
