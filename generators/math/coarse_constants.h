#pragma once

// Printed by scripts/derive_constants.py; not to be edited.
// clang-format off

#include <array>

namespace kiln::constants {

// 2^r in powers of r for |r| <= 1/2; error 2^-13.7.
inline constexpr std::array exp2_coarse{
    0x1.fff69p-1f, 0x1.62f31ap-1f, 0x1.f0deb2p-3f, 0x1.c3f894p-5f};

// near = the float32 of bits inverse_magic - bits(b), t = b near.
// 1 / t in powers of t for 0.7070 <= t <= 0.7285; error 2^-13.1.
inline constexpr unsigned inverse_magic = 0x7eb50000;
inline constexpr std::array inverse_rest{
    0x1.64b478p1f, -0x1.f0f836p0f};

// tanh(x) / x = top / bottom in powers of x^2 up to the largest x; error 2^-14.9.
inline constexpr float tanh_coarse_largest = 0x1.266666p2f;
inline constexpr std::array tanh_coarse_top{
    0x1.fffbccp-1f, 0x1.a8725p-4f, 0x1.740668p-11f};
inline constexpr std::array tanh_coarse_bottom{
    0x1p0f, 0x1.bf3aap-2f, 0x1.b070bap-7f};

}  // namespace kiln::constants
