#include "element.h"

#include <stdexcept>

#include "dialect.h"

namespace kiln {
namespace {

using Halide::Expr;
using Halide::UInt;

Expr half_word(const Expr &word) { return Halide::cast(UInt(16), word); }

Expr magnitude_of(const Real &a) { return bits(a) & word32(0x7fffffffu); }

// A word of float32 without its sign, moved off halfway points towards where the rest says: to the odd one of its
// neighbours and itself, as rounding to odd would leave it (Boldo and Melquiond 2008), so that a second rounding to
// fewer bits is the only one. 0 becomes the least float32.
Expr odd_magnitude(const Real &value, const Real &rest) {
  const Expr less = (bits(value) ^ bits(rest)) >> word32(31);
  const Expr before = Halide::cast(Halide::Int(32), magnitude_of(value) - less);
  return Halide::cast(UInt(32), Halide::max(before, 0)) | word32(1);
}

// bfloat16 is float32's upper half.
Expr to_bfloat16(const Real &value, const std::optional<Real> &rest, Ties ties) {
  const Expr word = bits(value), upper = word32(16);
  // Not 0x8000, which Halide 21 takes for a rounding shift and writes in eight operations.
  if (ties == Ties::any) return (word + word32(0x7fff)) >> upper;
  if (!rest) return (word + word32(0x7fff) + ((word >> upper) & word32(1))) >> upper;
  // Halfway is 0x8000: it becomes the next upper half, unless the magnitude is less.
  return (word + word32(0x8000) - ((word ^ bits(*rest)) >> word32(31))) >> upper;
}

constexpr uint32_t kBias = (127 - 15) << 23;    // between the exponents of float32 and float16
constexpr uint32_t kLeastNormal = 0x38800000;   // 2^-14
constexpr uint32_t kBeyond = (127 + 16) << 23;  // 2^16, which rounds to infinity
constexpr float kHalf = 0.5f;                   // the last place of 1/2 is float16's least number, 2^-24

// A magnitude of float32, up to 2^16.
Expr round_to_float16(const Expr &magnitude) {
  const Expr drop = word32(13);
  const Expr normal = (magnitude - word32(kBias - 0xfff) + ((magnitude >> drop) & word32(1))) >> drop;
  const Expr small = bits(from_bits(magnitude) + kHalf) - bits(Real(kHalf));
  return Halide::select(magnitude < word32(kLeastNormal), small, normal);
}

// By the instruction, which keeps of a NaN what it can: all of them become one among 16-bit words, twice as many in a
// vector.
Expr to_float16_by_instruction(const Expr &word) {
  const Expr half = Halide::reinterpret(UInt(16), Halide::cast(Halide::Float(16), from_bits(word).expr()));
  return Halide::select((half & half_word(word32(0x7fff))) > half_word(word32(0x7c00)), half_word(word32(0x7e00)), half);
}

Expr to_float16(const Real &value, const std::optional<Expr> &defined, const std::optional<Real> &rest) {
  const Expr is_number = defined ? *defined : !is_nan(value), sign = bits(value) & word32(0x80000000u);
  const Expr magnitude = Halide::min(rest ? odd_magnitude(value, *rest) : magnitude_of(value), word32(kBeyond));
  if (!converts_float16()) {
    const Expr rounded = half_word(round_to_float16(magnitude) | (sign >> word32(16)));
    return Halide::select(is_number, rounded, half_word(word32(0x7e00)));
  }
  const Expr word = rest ? magnitude | sign : bits(value);
  const bool may_hide_nan = defined || rest;
  return to_float16_by_instruction(may_hide_nan ? Halide::select(is_number, word, word32(0x7fc00000u)) : word);
}

Real from_float16(const Expr &stored) {
  if (converts_float16()) return Real(Halide::cast(Halide::Float(32), Halide::reinterpret(Halide::Float(16), stored)));
  const Expr word = Halide::cast(UInt(32), stored);
  const Expr magnitude = word & word32(0x7fff);
  const Expr normal = (magnitude << word32(13)) + word32(kBias);
  // With a leading 1 that a subnormal does not have, which a subtraction takes away.
  const Expr small = bits(from_bits(normal + word32(1u << 23)) - from_bits(word32(kLeastNormal)));
  const Expr finite = Halide::select(magnitude < word32(0x400), small, normal);
  const Expr all = Halide::select(magnitude < word32(0x7c00), finite, normal + word32(kBias));
  return from_bits(all | ((word & word32(0x8000)) << word32(16)));
}

}  // namespace

const std::map<std::string, Element> &elements_by_name() {
  static const std::map<std::string, Element> elements = {
#define KILN_ELEMENT(name, code, bits, forms, device_forms) {#name, Element::name},
#include "../../elements.def"
  };
  return elements;
}

Halide::Type storage_of(Element element) {
  return element == Element::float32 ? Halide::Type(Halide::Float(32)) : Halide::Type(UInt(16));
}

Real load(Element element, const Expr &stored) {
  switch (element) {
    case Element::float32:
      return Real(stored);
    case Element::float16:
      return from_float16(stored);
    case Element::bfloat16:
      return from_bits(Halide::cast(UInt(32), stored) << word32(16));
  }
  throw std::logic_error("an element type without a load");
}

Expr store(Element element, const Real &value, const std::optional<Expr> &defined, const std::optional<Real> &rest,
           Ties ties) {
  const Expr is_number = defined ? *defined : !is_nan(value);
  switch (element) {
    case Element::float32:
      return from_bits(Halide::select(is_number, bits(value), word32(0x7fc00000u))).expr();
    case Element::float16:
      return to_float16(value, defined, rest);
    case Element::bfloat16:
      return half_word(Halide::select(is_number, to_bfloat16(value, rest, ties), word32(0x7fc0)));
  }
  throw std::logic_error("an element type without a store");
}

}  // namespace kiln
