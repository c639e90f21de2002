#pragma once

// Printed by scripts/derive_constants.py; not to be edited.
// clang-format off

#include <array>

namespace kiln::constants {

inline constexpr float tanh_rate = 0x1.666666p1f;
inline constexpr int tanh_largest = 23;

// (tanh(r) / r - 1) / r^2 in powers of r^2, weighted as scripts/derive_constants.py
// says; error of tanh(x) 2^-31.1.
inline constexpr std::array tanh_exact{
    -0x1.555548p-2f, 0x1.10ffb6p-3f, -0x1.ad750ep-5f};

}  // namespace kiln::constants
