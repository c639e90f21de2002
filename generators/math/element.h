// The step between memory and a Real, for each element type of elements.def. A type of 16 bits is stored as UInt(16):
// its values become float32 without loss, and results go back with one rounding, to nearest even.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "real.h"

namespace kiln {

enum class Element {
#define KILN_ELEMENT(name, code, bits, forms, device_forms) name,
#include "../../elements.def"
};

// By their names, for a generator's parameter.
const std::map<std::string, Element> &elements_by_name();

Halide::Type storage_of(Element element);

Real load(Element element, const Halide::Expr &stored);

// What memory gets of a result. NaN where it is not `defined`, whatever the value is there, or else where the value is NaN:
// targets differ in the NaN they make (0xffc00000 on x86, 0x7fc00000 on ARM, 0x7fffffff in PTX) and in the payload they
// pass on; memory sees 0x7fc00000 alone, 0x7e00 as float16 and 0x7fc0 as bfloat16.
//
// rest: the real result less the value, to a few bits. Where the value lies halfway between two numbers of 16 bits, it
// says which one is nearer; a value that rounds once goes to the even one. What is not halfway is not moved by it,
// whatever it is.
//
// Ties::any: a value halfway between two numbers of 16 bits may go to either, whichever costs less; the same on every
// target.
enum class Ties { to_even, any };
Halide::Expr store(Element element, const Real &value, const std::optional<Halide::Expr> &defined = std::nullopt,
                   const std::optional<Real> &rest = std::nullopt, Ties ties = Ties::to_even);

inline Halide::Expr canonical(const Real &result) { return store(Element::float32, result); }

}  // namespace kiln
