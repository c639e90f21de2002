#pragma once

#include <Halide.h>

#include <cstdint>

namespace kiln {

// A float32 expression whose operators emit exactly the operation written: one
// IEEE rounding each, nothing contracted, reassociated or folded away. How a
// target spells that is known here and nowhere else (real.cpp).
//
// A Real becomes an Expr, and an Expr a Real, only by name, so Halide's own
// float arithmetic cannot slip in. Conditions and bits are plain integer Exprs.
class Real {
 public:
  explicit Real(Halide::Expr float32);
  Real(float constant);  // NOLINT: constants read as constants
  Real(double) = delete;
  Real(int) = delete;

  const Halide::Expr &expr() const { return expr_; }

 private:
  Halide::Expr expr_;
};

// The target whose arithmetic is emitted, for the lifetime of the scope, in
// this thread. Building Real arithmetic outside a scope is an error.
class ArithmeticScope {
 public:
  explicit ArithmeticScope(const Halide::Target &target);
  ~ArithmeticScope();
  ArithmeticScope(const ArithmeticScope &) = delete;
  ArithmeticScope &operator=(const ArithmeticScope &) = delete;

 private:
  const Halide::Target *previous_;
  Halide::Target target_;
};

Real operator+(const Real &a, const Real &b);
Real operator-(const Real &a, const Real &b);
Real operator*(const Real &a, const Real &b);
Real operator/(const Real &a, const Real &b);
Real operator-(const Real &a);                           // flips the sign bit, of NaN too
Real fma(const Real &a, const Real &b, const Real &c);   // a * b + c, one rounding
Real abs(const Real &a);                                 // clears the sign bit, of NaN too
Real with_sign(const Real &positive, const Real &sign);  // positive, with the sign bit of sign

// The 32 bits as UInt(32), whose arithmetic wraps, and back; and constants of that type.
Halide::Expr bits(const Real &a);
Real from_bits(const Halide::Expr &uint32);
Halide::Expr word32(uint32_t value);

Real select(const Halide::Expr &condition, const Real &if_true, const Real &if_false);

// Comparisons and limits against constants. NaN compares false and passes
// through a limit, on every target: they need not be guarded.
Halide::Expr is_nan(const Real &a);
Halide::Expr exceeds(const Real &a, float positive_limit);
Halide::Expr exceeds_minus_infinity(const Real &a);
Real at_most(const Real &a, float positive_limit);
Real at_least(const Real &a, float negative_limit);

}  // namespace kiln
