#include "real.h"

#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "dialect.h"

namespace kiln {
namespace {

using Halide::Expr;
using Halide::Float;
using Halide::Target;
using Halide::UInt;
using Halide::Internal::Call;

void require(bool condition, const char *why) {
  if (!condition) throw std::logic_error(why);
}

thread_local const Target *target_in_force = nullptr;

Expr external(const char *name, std::vector<Expr> arguments) {
  return Call::make(Float(32), name, std::move(arguments), Call::PureExtern);
}

Expr strict(Call::IntrinsicOp op, const Expr &a, const Expr &b, Halide::Type type) {
  return Call::make(type, op, {a, b}, Call::PureIntrinsic);
}

Expr strict(Call::IntrinsicOp op, const Expr &a, const Expr &b) { return strict(op, a, b, a.type()); }

// a * b + c with one rounding, from float64: the product is exact there, 2Sum
// gives sum + error = product + c exactly, and the sum is rounded to odd (if
// anything was lost, the neighbour towards zero with its last bit set), which
// makes the second rounding, to float32, see on which side of every tie and of
// every float32 the exact value lies (Boldo and Melquiond 2008).
// An infinite or NaN sum has a NaN error, which compares false: left as it is.
// Every value that is used twice is bound by a let: Halide's passes walk
// expressions as trees, and a chain of these would grow exponentially.
class Lets {
 public:
  Expr bind(const Expr &value) {
    const std::string name = Halide::Internal::unique_name("fma");
    bound_.emplace_back(name, value);
    return Halide::Internal::Variable::make(value.type(), name);
  }
  Expr around(Expr body) const {
    for (auto let = bound_.rbegin(); let != bound_.rend(); ++let) {
      body = Halide::Internal::Let::make(let->first, let->second, body);
    }
    return body;
  }

 private:
  std::vector<std::pair<std::string, Expr>> bound_;
};

Expr fma_by_float64(const Expr &a, const Expr &b, const Expr &c) {
  Lets lets;
  const auto wide = [](const Expr &e) { return Halide::cast(Float(64), e); };
  const auto word = [](const Expr &e) { return Halide::reinterpret(UInt(64), e); };
  const Expr product = lets.bind(strict(Call::strict_mul, wide(a), wide(b)));
  const Expr addend = lets.bind(wide(c));
  const Expr sum = lets.bind(strict(Call::strict_add, product, addend));
  const Expr addend_part = lets.bind(strict(Call::strict_sub, sum, product));
  const Expr product_part = strict(Call::strict_sub, sum, addend_part);
  const Expr error = lets.bind(strict(Call::strict_add, strict(Call::strict_sub, product, product_part),
                                      strict(Call::strict_sub, addend, addend_part)));
  const Expr magnitude =
      Halide::reinterpret(Float(64), word(error) & Halide::Internal::make_const(UInt(64), INT64_MAX));
  const Expr inexact = strict(Call::strict_lt, Halide::Internal::make_const(Float(64), 0.0), magnitude, Halide::Bool());
  const Expr away = (word(sum) ^ word(error)) >> Halide::Internal::make_const(UInt(64), 63);
  const Expr odd = (word(sum) - away) | Halide::Internal::make_const(UInt(64), 1);
  const Expr rounded = Halide::reinterpret(Float(64), Halide::select(inexact, odd, word(sum)));
  return lets.around(Halide::cast(Float(32), rounded));
}

uint32_t bits_of(float value) {
  uint32_t word;
  std::memcpy(&word, &value, sizeof word);
  return word;
}

// Whether a lies beyond limit, on the limit's side of zero, up to infinity:
// bits of one sign order as the values do, and NaN comes after infinity.
Expr beyond_by_bits(const Real &a, float limit) {
  const uint32_t first = bits_of(limit) + 1;
  const uint32_t infinity = (first & 0x80000000u) | 0x7f800000u;
  return bits(a) - word32(first) <= word32(infinity - first);
}

}  // namespace

Real::Real(Expr float32) : expr_(std::move(float32)) {
  require(expr_.defined() && expr_.type() == Float(32), "Real wraps float32");
}

Real::Real(float constant) : expr_(constant) {}

Dialect dialect() {
  require(target_in_force, "arithmetic outside an ArithmeticScope");
  const Target &t = *target_in_force;
  if (t.has_feature(Target::CUDA)) return Dialect::cuda;
  if (t.has_feature(Target::OpenCL)) return Dialect::opencl;
  if (t.arch == Target::X86 && !t.has_feature(Target::FMA) && !t.has_feature(Target::AVX512) &&
      !t.has_feature(Target::AVX512_Skylake)) {
    return Dialect::ieee_without_fma;
  }
  return Dialect::ieee;
}

bool converts_float16() {
  require(target_in_force, "arithmetic outside an ArithmeticScope");
  const Target &t = *target_in_force;
  return !t.has_gpu_feature() && t.has_feature(Target::F16C);
}

ArithmeticScope::ArithmeticScope(const Target &target) : previous_(target_in_force), target_(target) {
  require(target.has_feature(Target::StrictFloat), "kiln's targets carry strict_float");
  target_in_force = &target_;
}

ArithmeticScope::~ArithmeticScope() { target_in_force = previous_; }

Real operator+(const Real &a, const Real &b) {
  if (dialect() == Dialect::cuda) return Real(external("llvm.nvvm.add.rn.f", {a.expr(), b.expr()}));
  return Real(strict(Call::strict_add, a.expr(), b.expr()));
}

Real operator-(const Real &a, const Real &b) {
  if (dialect() == Dialect::cuda) return a + -b;
  return Real(strict(Call::strict_sub, a.expr(), b.expr()));
}

Real operator*(const Real &a, const Real &b) {
  if (dialect() == Dialect::cuda) return Real(external("llvm.nvvm.mul.rn.f", {a.expr(), b.expr()}));
  return Real(strict(Call::strict_mul, a.expr(), b.expr()));
}

Real operator/(const Real &a, const Real &b) { return Real(strict(Call::strict_div, a.expr(), b.expr())); }

Real operator-(const Real &a) {
  if (const auto *constant = a.expr().as<Halide::Internal::FloatImm>()) {
    return Real(static_cast<float>(-constant->value));
  }
  return from_bits(bits(a) ^ word32(0x80000000u));
}

Real fma(const Real &a, const Real &b, const Real &c) {
  switch (dialect()) {
    case Dialect::cuda:
      return Real(external("llvm.nvvm.fma.rn.f", {a.expr(), b.expr(), c.expr()}));
    case Dialect::opencl:
      return Real(external("fma", {a.expr(), b.expr(), c.expr()}));
    case Dialect::ieee_without_fma:
      return Real(fma_by_float64(a.expr(), b.expr(), c.expr()));
    case Dialect::ieee:
      break;
  }
  return Real(external("llvm.fma.f32", {a.expr(), b.expr(), c.expr()}));
}

Real abs(const Real &a) { return from_bits(bits(a) & word32(0x7fffffffu)); }

Real with_sign(const Real &positive, const Real &sign) {
  return from_bits(bits(positive) | (bits(sign) & word32(0x80000000u)));
}

Expr bits(const Real &a) { return Halide::reinterpret(UInt(32), a.expr()); }

Expr word32(uint32_t value) { return Halide::Internal::make_const(UInt(32), value); }
Real from_bits(const Expr &uint32) {
  require(uint32.type() == UInt(32), "from_bits takes UInt(32)");
  return Real(Halide::reinterpret(Float(32), uint32));
}

Real select(const Expr &condition, const Real &if_true, const Real &if_false) {
  return Real(Halide::select(condition, if_true.expr(), if_false.expr()));
}

Expr is_nan(const Real &a) {
  if (nan_free_compiler()) return (bits(a) & word32(0x7fffffffu)) > word32(0x7f800000u);
  return Halide::is_nan(a.expr());
}

Expr exceeds(const Real &a, float positive_limit) {
  if (nan_free_compiler()) return beyond_by_bits(a, positive_limit);
  return strict(Call::strict_lt, Real(positive_limit).expr(), a.expr(), Halide::Bool());
}

Expr exceeds_minus_infinity(const Real &a) {
  if (nan_free_compiler()) return !is_nan(a) && bits(a) != word32(0xff800000u);
  const Real infinity(-std::numeric_limits<float>::infinity());
  return strict(Call::strict_lt, infinity.expr(), a.expr(), Halide::Bool());
}

Real at_most(const Real &a, float positive_limit) {
  return select(exceeds(a, positive_limit), Real(positive_limit), a);
}

Real at_least(const Real &a, float negative_limit) {
  if (nan_free_compiler()) return select(beyond_by_bits(a, negative_limit), Real(negative_limit), a);
  const Real limit(negative_limit);
  return select(strict(Call::strict_lt, a.expr(), limit.expr(), Halide::Bool()), limit, a);
}

}  // namespace kiln
