// Integer helpers for shapes and strides.
#pragma once

#include <stdint.h>

namespace kiln {

inline int64_t min(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t max(int64_t a, int64_t b) { return a > b ? a : b; }
inline int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
inline int64_t magnitude(int64_t a) { return a < 0 ? -a : a; }

// The largest extent whose last index is below 2^bits under both strides. A kernel's indices have 31 bits, for the sum
// over all dimensions.
inline int64_t addressable(int64_t a, int64_t b, int bits) {
  return 1 + ((int64_t{1} << bits) - 1) / max(1, max(magnitude(a), magnitude(b)));
}

}  // namespace kiln
