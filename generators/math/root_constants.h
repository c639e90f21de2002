#pragma once

// Printed by scripts/derive_constants.py; not to be edited.
// clang-format off

#include <array>

namespace kiln::constants {

// r near d^(-1/2): the float32 of bits half_magic - bits(d) / 2, cut to 12 bits; h = 1 - d r^2.
// ((1 - h)^-0.5 - 1) / h in powers of h for -0.0684 <= h <= 0.0685; error of d^-0.5 2^-30.0.
inline constexpr unsigned half_magic = 0x5f374c00;
inline constexpr unsigned half_mask = 0xfffff000;
inline constexpr std::array half_rest{
    0x1p-1f, 0x1.7fff72p-2f, 0x1.3fff28p-2f, 0x1.198196p-2f, 0x1.fb6f46p-3f};

// r near d^(-1/4): the float32 of bits fourth_magic - bits(d) / 4, cut to 8 bits; h = 1 - d r^4.
// ((1 - h)^-0.75 - 1) / h in powers of h for -0.1332 <= h <= 0.1333; error of d^-0.75 2^-27.3.
inline constexpr unsigned fourth_magic = 0x4f587800;
inline constexpr unsigned fourth_mask = 0xffff0000;
inline constexpr std::array fourth_rest{
    0x1.80000ap-1f, 0x1.50001ep-1f, 0x1.33edeap-1f, 0x1.20a05p-1f, 0x1.1a4f76p-1f,
    0x1.10da5cp-1f};

}  // namespace kiln::constants
