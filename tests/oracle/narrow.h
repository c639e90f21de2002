// Element types of 16 bits, by their definition: what a word stands for, and the word nearest to a real number.
#pragma once

#include <mpfr.h>

#include <cstdint>
#include <string>
#include <vector>

#include "oracle/oracle.h"

namespace kiln::oracle {

struct NarrowType {
  const char *name;
  int digits;          // of a normal number, in bits
  int least_exponent;  // of a normal number: the least is 2^least_exponent
  uint16_t nan;        // the one that Kiln stores

  uint16_t infinity() const { return static_cast<uint16_t>(((1 << (16 - digits)) - 1) << (digits - 1)); }
  // The largest number.
  double largest() const { return value_of(static_cast<uint16_t>(infinity() - 1)); }
  // NaN and infinities too.
  double value_of(uint16_t word) const;
  // To nearest, to even where two are as near; beyond the largest number by half of its last place, infinity.
  uint16_t nearest(const mpfr_t real) const;
  uint16_t nearest(double real) const;
  // The distance of numbers around a real number.
  double last_place(double real) const;
};

// Those of elements.def with 16 bits.
const std::vector<NarrowType> &narrow_types();
// The one of this name; ends the process where there is none, and says so.
const NarrowType &narrow_type(const std::string &name);

// f(x) rounded once, for an x of the type, by MPFR; float64 has the values at zeros, infinities and NaN.
uint16_t exactly_rounded(const ElementwiseOracle &oracle, const NarrowType &type, double x);
// The same in less time: by float64 where that decides, and by MPFR where it does not.
uint16_t rounded_once(const ElementwiseOracle &oracle, const NarrowType &type, double x);

}  // namespace kiln::oracle
