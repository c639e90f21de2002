// Float64 arithmetic: sums over segments, and the few numbers a row or channel that come of them.
//
// It is written with Float64, float32 arithmetic with Real. Neither has a sign change that is a subtraction: 0 - x
// would turn -0 into 0, and negative() is -0 - x.
#pragma once

#include <cstring>
#include <string>

#include "math/dialect.h"
#include "math/real.h"

namespace kiln {

using Halide::Expr;

// A float64 expression: what Real is for float32. Its operators are Halide's own
// where strict_float keeps them as written, and what dialect.h says elsewhere.
class Float64 {
 public:
  explicit Float64(Expr float64) : expr_(std::move(float64)) {
    if (expr_.type() != Halide::Float(64)) throw std::logic_error("Float64 wraps float64");
  }
  Float64(double constant);  // NOLINT: constants read as constants
  Float64(float) = delete;
  Float64(int) = delete;

  const Expr &expr() const { return expr_; }

 private:
  Expr expr_;
};

inline Expr word(const Float64 &x) { return Halide::reinterpret(Halide::Int(64), x.expr()); }
inline Expr word(int64_t value) { return Halide::Internal::make_const(Halide::Int(64), value); }
inline Expr magnitude_word(const Float64 &x) { return word(x) & word(INT64_MAX); }
inline Float64 from_word(const Expr &int64) { return Float64(Halide::reinterpret(Halide::Float(64), int64)); }
// Halide writes a float64 constant as a float32 one into OpenCL.
inline Float64::Float64(double constant) : expr_(constant) {
  int64_t bits;
  std::memcpy(&bits, &constant, sizeof bits);
  if (dialect() == Dialect::opencl) expr_ = from_word(word(bits)).expr();
}

inline Expr is_nan64(const Float64 &x) { return magnitude_word(x) > word(0x7ff0000000000000); }

// body(value), where the value is computed once and goes by a name: Halide's passes walk expressions as trees, and where a
// value is used often, and that of it again, they would take half a minute.
template <class Body>
Float64 named(const Float64 &value, const Body &body) {
  const std::string name = Halide::Internal::unique_name("value");
  const Float64 variable(Halide::Internal::Variable::make(Halide::Float(64), name));
  return Float64(Halide::Internal::Let::make(name, value.expr(), body(variable).expr()));
}

inline Float64 select(const Expr &condition, const Float64 &if_true, const Float64 &if_false) {
  return Float64(Halide::select(condition, if_true.expr(), if_false.expr()));
}

namespace float64 {

inline Float64 nvvm(const char *operation, const std::vector<Expr> &arguments) {
  using Halide::Internal::Call;
  const std::string name = std::string("llvm.nvvm.") + operation + ".rn.d";
  return Float64(Call::make(Halide::Float(64), name, arguments, Call::PureExtern));
}

// Whether an expression is made of parameters alone. Halide computes such once, on the host, which knows no nvvm.
class MadeOfParameters : public Halide::Internal::IRGraphVisitor {
 public:
  static bool holds(const Expr &e) {
    MadeOfParameters found;
    found.include(e);
    return found.all_;
  }

 private:
  using IRGraphVisitor::visit;
  bool all_ = true;

  void visit(const Halide::Internal::Variable *op) override { all_ = all_ && op->param.defined(); }
  void visit(const Halide::Internal::Call *op) override {
    all_ = all_ && op->call_type != Halide::Internal::Call::Halide && op->call_type != Halide::Internal::Call::Image;
    IRGraphVisitor::visit(op);
  }
};

inline bool by_nvvm(const Float64 &a, const Float64 &b) {
  return dialect() == Dialect::cuda && !(MadeOfParameters::holds(a.expr()) && MadeOfParameters::holds(b.expr()));
}

// compare(a, b) of integers that order as the float64 numbers do, if neither is NaN. A word is bound by a let, for
// passes that walk expressions as trees.
template <class Compare>
Expr ordered(const Float64 &a, const Float64 &b, const Compare &compare) {
  using namespace Halide::Internal;
  const std::string names[] = {unique_name("word"), unique_name("word")};
  const auto variable = [&](int i) { return Variable::make(Halide::Int(64), names[i]); };
  const auto magnitude = [&](int i) { return variable(i) & word(INT64_MAX); };
  const auto key = [&](int i) { return Halide::select(variable(i) < word(0), -magnitude(i), magnitude(i)); };
  const Expr infinity = word(0x7ff0000000000000);
  const Expr result = magnitude(0) <= infinity && magnitude(1) <= infinity && compare(key(0), key(1));
  return Let::make(names[0], word(a), Let::make(names[1], word(b), result));
}

}  // namespace float64

inline Float64 operator+(const Float64 &a, const Float64 &b) {
  if (float64::by_nvvm(a, b)) return float64::nvvm("add", {a.expr(), b.expr()});
  return Float64(a.expr() + b.expr());
}

inline Float64 operator-(const Float64 &a, const Float64 &b) {
  if (float64::by_nvvm(a, b)) return a + from_word(word(b) ^ word(INT64_MIN));
  return Float64(a.expr() - b.expr());
}

inline Float64 operator*(const Float64 &a, const Float64 &b) {
  if (float64::by_nvvm(a, b)) return float64::nvvm("mul", {a.expr(), b.expr()});
  return Float64(a.expr() * b.expr());
}

inline Float64 operator/(const Float64 &a, const Float64 &b) { return Float64(a.expr() / b.expr()); }

inline Float64 sqrt(const Float64 &x) { return Float64(Halide::sqrt(x.expr())); }

#define KILN_COMPARE_FLOAT64(op)                                                        \
  inline Expr operator op(const Float64 &a, const Float64 &b) {                         \
    if (!nan_free_compiler()) return a.expr() op b.expr();                              \
    return float64::ordered(a, b, [](const Expr &x, const Expr &y) { return x op y; }); \
  }
KILN_COMPARE_FLOAT64(<)
KILN_COMPARE_FLOAT64(<=)
KILN_COMPARE_FLOAT64(>)
KILN_COMPARE_FLOAT64(>=)
KILN_COMPARE_FLOAT64(==)
#undef KILN_COMPARE_FLOAT64

inline Expr operator!=(const Float64 &a, const Float64 &b) {
  if (!nan_free_compiler()) return a.expr() != b.expr();
  return !(a == b);
}

// The larger of two numbers that are not NaN.
inline Float64 larger(const Float64 &a, const Float64 &b) {
  if (!nan_free_compiler()) return Float64(Halide::max(a.expr(), b.expr()));
  return select(a < b, b, a);
}

inline Float64 f64(const Real &x) { return Float64(Halide::cast<double>(x.expr())); }
inline Float64 f64(const Expr &x) { return Float64(Halide::cast<double>(x)); }
inline Real f32(const Float64 &x) { return Real(Halide::cast<float>(x.expr())); }

inline Float64 negative(const Float64 &x) { return Float64(-0.0) - x; }
inline Float64 reciprocal(const Float64 &x) { return Float64(1.0) / x; }

inline Float64 infinity64() { return from_word(word(0x7ff0000000000000)); }
inline Float64 nan64() { return from_word(word(0x7ff8000000000000)); }

// floor(log2(|x|)) of a normal float64; -1023 of 0, 1024 of infinity and NaN.
inline Expr exponent64(const Float64 &x) { return Halide::cast<int>((word(x) >> 52) & 0x7ff) - 1023; }

// 2^k: as float64 for -1022 <= k <= 1023, as float32 for -126 <= k <= 127.
inline Float64 two_to_64(const Expr &k) { return from_word(Halide::cast<int64_t>(k + 1023) << 52); }
inline Real two_to(const Expr &k) { return Real(Halide::reinterpret(Halide::Float(32), (k + 127) << 23)); }

// The bits of |x| as Int(32): they order as the values do, infinity and then NaN last.
inline Expr magnitude_bits(const Real &x) { return Halide::reinterpret(Halide::Int(32), abs(x).expr()); }
inline Real from_magnitude(const Expr &bits) { return Real(Halide::reinterpret(Halide::Float(32), bits)); }
inline Expr is_finite(const Real &x) { return magnitude_bits(x) < 0x7f800000; }

// Whether x, which is finite or compared with is_finite() too, is at least a positive limit.
inline Expr reaches(const Real &x, float limit) {
  if (!nan_free_compiler()) return x.expr() >= limit;
  return Halide::reinterpret(Halide::Int(32), x.expr()) >= Halide::reinterpret(Halide::Int(32), Expr(limit));
}

// x, but at most `limit` in magnitude; of NaN either NaN or some number within.
inline Real within(const Real &x, float limit) {
  if (!nan_free_compiler()) return Real(Halide::clamp(x.expr(), -limit, limit));
  return at_most(at_least(x, -limit), limit);
}

}  // namespace kiln
