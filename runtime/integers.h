// Integer helpers for shapes and strides.
#pragma once

#include <stdint.h>

namespace kiln {

inline int64_t min(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t max(int64_t a, int64_t b) { return a > b ? a : b; }
// Of a >= 0. Most calls are small: nothing is divided for one piece.
constexpr int64_t ceil_div(int64_t a, int64_t b) { return a <= b ? a > 0 : (a - 1) / b + 1; }
inline int64_t magnitude(int64_t a) { return a < 0 ? -a : a; }

}  // namespace kiln
