#pragma once

// Printed by scripts/derive_constants.py; not to be edited.
// clang-format off

#include <array>

namespace kiln::constants {

inline constexpr float log2_e = 0x1.715476p0f;
inline constexpr float ln2_head = 0x1.62e43p-1f;
inline constexpr float ln2_tail = -0x1.05c61p-29f;

// (exp(r) - 1 - r) / r^2 in powers of r for |r| <= ln(2) / 2; error of exp(r) 2^-33.3.
inline constexpr std::array exp_exact{
    0x1p-1f, 0x1.555554p-3f, 0x1.5554e8p-5f, 0x1.11130ep-7f, 0x1.6d4cbcp-10f, 0x1.9dfbb2p-13f};

// (exp(r) - 1 - r) / r^2 in powers of r for |r| <= ln(2) / 2; error of exp(r) 2^-28.3.
inline constexpr std::array exp_near{
    0x1.fffffcp-2f, 0x1.555492p-3f, 0x1.5558aap-5f, 0x1.12396ep-7f, 0x1.6a525cp-10f};

// (exp(r) - 1 - r) / r^2 in powers of r for |r| <= ln(2) / 2; error of exp(r) 2^-23.2.
inline constexpr std::array exp_fast{
    0x1.fffdfcp-2f, 0x1.5557acp-3f, 0x1.572a22p-5f, 0x1.106472p-7f};

}  // namespace kiln::constants
