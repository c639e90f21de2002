#pragma once

// Printed by scripts/derive_constants.py; not to be edited.
// clang-format off

namespace kiln::constants {

inline constexpr float sixth_head = 0x1.555556p-3f;
inline constexpr float sixth_tail = -0x1.555556p-28f;

}  // namespace kiln::constants
