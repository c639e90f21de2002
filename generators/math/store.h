#pragma once

#include "real.h"

namespace kiln {

// The one step between a result and memory. Targets differ in the NaN they
// make (0xffc00000 on x86, 0x7fc00000 on ARM, 0x7fffffff in PTX) and in the
// payload they pass on; memory sees 0x7fc00000 only.
inline Halide::Expr canonical(const Real &result) {
  return from_bits(Halide::select(is_nan(result), word32(0x7fc00000u), bits(result))).expr();
}

}  // namespace kiln
