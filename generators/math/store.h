#pragma once

#include "real.h"

namespace kiln {

// The one step between a result and memory: NaN where it is not defined, whatever
// `result` is there. Targets differ in the NaN they make (0xffc00000 on x86,
// 0x7fc00000 on ARM, 0x7fffffff in PTX) and in the payload they pass on; memory
// sees 0x7fc00000 only.
inline Halide::Expr canonical(const Real &result, const Halide::Expr &defined) {
  return from_bits(Halide::select(defined, bits(result), word32(0x7fc00000u))).expr();
}

inline Halide::Expr canonical(const Real &result) { return canonical(result, !is_nan(result)); }

}  // namespace kiln
