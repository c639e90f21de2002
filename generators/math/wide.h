#pragma once

#include <cstring>
#include <string>

#include "dialect.h"
#include "real.h"

namespace kiln {

// A float64 expression: what Real is for float32. Its operators are Halide's own
// where strict_float keeps them as written, and what dialect.h says elsewhere.
class Wide {
 public:
  explicit Wide(Halide::Expr float64) : expr_(std::move(float64)) {
    if (expr_.type() != Halide::Float(64)) throw std::logic_error("Wide wraps float64");
  }
  Wide(double constant);  // NOLINT: constants read as constants
  Wide(float) = delete;
  Wide(int) = delete;

  const Halide::Expr &expr() const { return expr_; }

 private:
  Halide::Expr expr_;
};

inline Halide::Expr word(const Wide &x) { return Halide::reinterpret(Halide::Int(64), x.expr()); }
inline Halide::Expr word(int64_t value) { return Halide::Internal::make_const(Halide::Int(64), value); }
inline Halide::Expr magnitude_word(const Wide &x) { return word(x) & word(INT64_MAX); }
inline Wide from_word(const Halide::Expr &int64) { return Wide(Halide::reinterpret(Halide::Float(64), int64)); }
// Halide writes a float64 constant as a float32 one into OpenCL.
inline Wide::Wide(double constant) : expr_(constant) {
  int64_t bits;
  std::memcpy(&bits, &constant, sizeof bits);
  if (dialect() == Dialect::opencl) expr_ = from_word(word(bits)).expr();
}

inline Halide::Expr is_nan64(const Wide &x) { return magnitude_word(x) > word(0x7ff0000000000000); }

inline Wide select(const Halide::Expr &condition, const Wide &if_true, const Wide &if_false) {
  return Wide(Halide::select(condition, if_true.expr(), if_false.expr()));
}

namespace wide {

using Halide::Expr;

inline Wide nvvm(const char *operation, const std::vector<Expr> &arguments) {
  using Halide::Internal::Call;
  const std::string name = std::string("llvm.nvvm.") + operation + ".rn.d";
  return Wide(Call::make(Halide::Float(64), name, arguments, Call::PureExtern));
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

inline bool by_nvvm(const Wide &a, const Wide &b) {
  return dialect() == Dialect::cuda && !(MadeOfParameters::holds(a.expr()) && MadeOfParameters::holds(b.expr()));
}

// compare(a, b) of integers that order as the float64 numbers do, if neither is NaN. A word is bound by a let, for
// passes that walk expressions as trees.
template <class Compare>
Expr ordered(const Wide &a, const Wide &b, const Compare &compare) {
  using namespace Halide::Internal;
  const std::string names[] = {unique_name("word"), unique_name("word")};
  const auto variable = [&](int i) { return Variable::make(Halide::Int(64), names[i]); };
  const auto magnitude = [&](int i) { return variable(i) & word(INT64_MAX); };
  const auto key = [&](int i) { return Halide::select(variable(i) < word(0), -magnitude(i), magnitude(i)); };
  const Expr infinity = word(0x7ff0000000000000);
  const Expr result = magnitude(0) <= infinity && magnitude(1) <= infinity && compare(key(0), key(1));
  return Let::make(names[0], word(a), Let::make(names[1], word(b), result));
}

}  // namespace wide

inline Wide operator+(const Wide &a, const Wide &b) {
  if (wide::by_nvvm(a, b)) return wide::nvvm("add", {a.expr(), b.expr()});
  return Wide(a.expr() + b.expr());
}

inline Wide operator-(const Wide &a, const Wide &b) {
  if (wide::by_nvvm(a, b)) return a + from_word(word(b) ^ word(INT64_MIN));
  return Wide(a.expr() - b.expr());
}

inline Wide operator*(const Wide &a, const Wide &b) {
  if (wide::by_nvvm(a, b)) return wide::nvvm("mul", {a.expr(), b.expr()});
  return Wide(a.expr() * b.expr());
}

inline Wide operator/(const Wide &a, const Wide &b) { return Wide(a.expr() / b.expr()); }

inline Wide sqrt(const Wide &x) { return Wide(Halide::sqrt(x.expr())); }

#define KILN_COMPARE_WIDE(op)                                                                        \
  inline Halide::Expr operator op(const Wide &a, const Wide &b) {                                    \
    if (!nan_free_compiler()) return a.expr() op b.expr();                                           \
    return wide::ordered(a, b, [](const Halide::Expr &x, const Halide::Expr &y) { return x op y; }); \
  }
KILN_COMPARE_WIDE(<)
KILN_COMPARE_WIDE(<=)
KILN_COMPARE_WIDE(>)
KILN_COMPARE_WIDE(>=)
KILN_COMPARE_WIDE(==)
#undef KILN_COMPARE_WIDE

inline Halide::Expr operator!=(const Wide &a, const Wide &b) {
  if (!nan_free_compiler()) return a.expr() != b.expr();
  return !(a == b);
}

// The larger of two numbers that are not NaN.
inline Wide larger(const Wide &a, const Wide &b) {
  if (!nan_free_compiler()) return Wide(Halide::max(a.expr(), b.expr()));
  return select(a < b, b, a);
}

}  // namespace kiln
