// Results of float32 and float64 operations by MPFR, which shares nothing with the simulator.
#pragma once

#include <mpfr.h>

#include <cstdint>
#include <limits>

#include "instruction_check.h"

template <class T>
class Exact {
 public:
  explicit Exact(T value) : Exact() { mpfr_set_d(v, double(value), MPFR_RNDN); }
  Exact() { mpfr_init2(v, 53); }
  Exact(const Exact &) = delete;
  ~Exact() { mpfr_clear(v); }
  mpfr_t v;
};

// Calls `compute(result)`, which returns MPFR's ternary value, with T's precision and range.
template <class T, class F>
T rounded_result(mpfr_rnd_t rounding, F &&compute) {
  mpfr_t r;
  mpfr_init2(r, std::numeric_limits<T>::digits);
  const mpfr_exp_t emin = mpfr_get_emin(), emax = mpfr_get_emax();
  mpfr_set_emin(std::numeric_limits<T>::min_exponent - std::numeric_limits<T>::digits + 1);
  mpfr_set_emax(std::numeric_limits<T>::max_exponent);
  int ternary = compute(r);
  ternary = mpfr_check_range(r, ternary, rounding);
  mpfr_subnormalize(r, ternary, rounding);
  const T result = T(mpfr_get_d(r, MPFR_RNDN));
  mpfr_set_emin(emin);
  mpfr_set_emax(emax);
  mpfr_clear(r);
  return result;
}

// The NaN that comes out where `result` is one: the hardware's for float32; for float64 the first operand's, made
// quiet.
inline float hardware_nan(float result) { return result != result ? from_bits<float>(0x7fffffff) : result; }
template <class... Operands>
double hardware_nan(double result, Operands... operands) {
  if (result == result) return result;
  for (const double a : {operands...}) {
    if (a != a) return from_bits<double>(bits_of(a) | (uint64_t(1) << 51));
  }
  return from_bits<double>(uint64_t(0xfff) << 52 | uint64_t(1) << 51);
}

template <class T, int (*operation)(mpfr_t, const mpfr_t, mpfr_rnd_t)>
T exact1(T a) {
  const Exact<T> x(a);
  const T r = rounded_result<T>(MPFR_RNDN, [&](mpfr_t to) { return operation(to, x.v, MPFR_RNDN); });
  if constexpr (sizeof(T) == 4)
    return hardware_nan(r);
  else
    return hardware_nan(r, a);
}

template <class T, int (*operation)(mpfr_t, const mpfr_t, const mpfr_t, mpfr_rnd_t)>
T exact2(T a, T b) {
  const Exact<T> x(a), y(b);
  const T r = rounded_result<T>(MPFR_RNDN, [&](mpfr_t to) { return operation(to, x.v, y.v, MPFR_RNDN); });
  if constexpr (sizeof(T) == 4)
    return hardware_nan(r);
  else
    return hardware_nan(r, a, b);
}

template <class T>
T exact_fma(T a, T b, T c) {
  const Exact<T> x(a), y(b), z(c);
  const T r = rounded_result<T>(MPFR_RNDN, [&](mpfr_t to) { return mpfr_fma(to, x.v, y.v, z.v, MPFR_RNDN); });
  if constexpr (sizeof(T) == 4)
    return hardware_nan(r);
  else
    return hardware_nan(r, a, b, c);
}
