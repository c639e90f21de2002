// Floating-point arithmetic, rounded to nearest even. The host's double and float are IEEE's, this file is compiled
// without contraction, and execute() sets the default rounding mode.
#include <cmath>

#include "float_values.h"
#include "instruction.h"

namespace kilnsim {
namespace {

// `z`: .ftz, subnormal operands and results are zeros of their sign.
template <bool z>
float add(float a, float b) {
  return result32<z>(operand<z>(a) + operand<z>(b));
}
template <bool z>
float sub(float a, float b) {
  return result32<z>(operand<z>(a) - operand<z>(b));
}
template <bool z>
float mul(float a, float b) {
  return result32<z>(operand<z>(a) * operand<z>(b));
}
template <bool z>
float div(float a, float b) {
  return result32<z>(operand<z>(a) / operand<z>(b));
}
template <bool z>
float fma(float a, float b, float c) {
  return result32<z>(std::fma(operand<z>(a), operand<z>(b), operand<z>(c)));
}
template <bool z>
float sqrt(float a) {
  return result32<z>(std::sqrt(operand<z>(a)));
}
template <bool z>
float rcp(float a) {
  return result32<z>(1.0f / operand<z>(a));
}
template <bool z>
float neg(float a) {
  return result32<z>(-operand<z>(a));
}
template <bool z>
float abs(float a) {
  return result32<z>(std::fabs(operand<z>(a)));
}

double add(double a, double b) { return result64(a + b, a, b); }
double sub(double a, double b) { return result64(a - b, a, b); }
double mul(double a, double b) { return result64(a * b, a, b); }
double div(double a, double b) { return result64(a / b, a, b); }
double fma(double a, double b, double c) { return result64(std::fma(a, b, c), a, b, c); }
double sqrt(double a) { return result64(std::sqrt(a), a); }
double rcp(double a) { return result64(1.0 / a, a); }
double neg(double a) { return -a; }
double abs(double a) { return std::fabs(a); }

// Of a number and NaN the number, -0 below +0.
template <class T>
T lesser(T a, T b) {
  return a < b || (a == b && std::signbit(a)) ? a : b;
}
template <class T>
T greater(T a, T b) {
  return a > b || (a == b && !std::signbit(a)) ? a : b;
}

template <bool z, bool keep_nan>
float min(float a, float b) {
  a = operand<z>(a), b = operand<z>(b);
  if (std::isnan(a)) return result32<z>(keep_nan ? a : b);
  if (std::isnan(b)) return result32<z>(keep_nan ? b : a);
  return lesser(a, b);
}
template <bool z, bool keep_nan>
float max(float a, float b) {
  a = operand<z>(a), b = operand<z>(b);
  if (std::isnan(a)) return result32<z>(keep_nan ? a : b);
  if (std::isnan(b)) return result32<z>(keep_nan ? b : a);
  return greater(a, b);
}
double min(double a, double b) {
  if (std::isnan(a) && std::isnan(b)) return result64(a + b, a, b);
  return std::isnan(a) ? b : std::isnan(b) ? a : lesser(a, b);
}
double max(double a, double b) {
  if (std::isnan(a) && std::isnan(b)) return result64(a + b, a, b);
  return std::isnan(a) ? b : std::isnan(b) ? a : greater(a, b);
}

// copysign d, a, b: b with the sign of a.
float copy_sign(float a, float b) { return std::copysign(b, a); }
double copy_sign(double a, double b) { return std::copysign(b, a); }

using Unary64 = double (*)(double);
using Binary64 = double (*)(double, double);
using Ternary64 = double (*)(double, double, double);

template <bool z>
void single(InstructionTable &t) {
  const std::string type = z ? "ftz.f32" : "f32";
  for (const std::string rounding : {"", "rn."}) {
    t["add." + rounding + type] = lanes_of<add<z>>();
    t["sub." + rounding + type] = lanes_of<sub<z>>();
    t["mul." + rounding + type] = lanes_of<mul<z>>();
  }
  t["fma.rn." + type] = lanes_of<fma<z>>();
  t["div.rn." + type] = lanes_of<div<z>>();
  t["sqrt.rn." + type] = lanes_of<sqrt<z>>();
  t["rcp.rn." + type] = lanes_of<rcp<z>>();
  t["neg." + type] = lanes_of<neg<z>>();
  t["abs." + type] = lanes_of<abs<z>>();
  t["min." + type] = lanes_of<min<z, false>>();
  t["max." + type] = lanes_of<max<z, false>>();
  const std::string nan_type = z ? "ftz.NaN.f32" : "NaN.f32";
  t["min." + nan_type] = lanes_of<min<z, true>>();
  t["max." + nan_type] = lanes_of<max<z, true>>();
}

}  // namespace

void add_float_instructions(InstructionTable &t) {
  single<false>(t);
  single<true>(t);
  for (const std::string rounding : {"", "rn."}) {
    t["add." + rounding + "f64"] = lanes_of<Binary64(add)>();
    t["sub." + rounding + "f64"] = lanes_of<Binary64(sub)>();
    t["mul." + rounding + "f64"] = lanes_of<Binary64(mul)>();
  }
  t["fma.rn.f64"] = lanes_of<Ternary64(fma)>();
  t["div.rn.f64"] = lanes_of<Binary64(div)>();
  t["sqrt.rn.f64"] = lanes_of<Unary64(sqrt)>();
  t["rcp.rn.f64"] = lanes_of<Unary64(rcp)>();
  t["neg.f64"] = lanes_of<Unary64(neg)>();
  t["abs.f64"] = lanes_of<Unary64(abs)>();
  t["min.f64"] = lanes_of<Binary64(min)>();
  t["max.f64"] = lanes_of<Binary64(max)>();
  t["copysign.f32"] = lanes_of<static_cast<float (*)(float, float)>(copy_sign)>();
  t["copysign.f64"] = lanes_of<Binary64(copy_sign)>();
}

}  // namespace kilnsim
