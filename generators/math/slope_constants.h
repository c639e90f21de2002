#pragma once

// Printed by scripts/derive_constants.py; not to be edited.
// clang-format off

#include <array>

namespace kiln::constants {

inline constexpr float slope_reach = 0x1p-3f;

// silu'(x) / d = first + d (rest in powers of d), d = x - root, for |d| <= 0.125; error 2^-30.4.
inline constexpr float silu_root_head = -0x1.474974p0f;
inline constexpr float silu_root_tail = 0x1.bdf6fap-27f;
inline constexpr float silu_first_head = 0x1.be141p-3f;
inline constexpr float silu_first_tail = 0x1.1814ap-29f;
inline constexpr std::array silu_rest{
    0x1.2c5634p-3f, 0x1.353e6ep-6f, -0x1.f2cd5cp-7f, -0x1.afea2cp-8f, 0x1.d8f948p-14f};

// mish'(x) / d = first + d (rest in powers of d), d = x - root, for |d| <= 0.125; error 2^-30.6.
inline constexpr float mish_root_head = -0x1.31432cp0f;
inline constexpr float mish_root_tail = -0x1.a25b08p-29f;
inline constexpr float mish_first_head = 0x1.115accp-2f;
inline constexpr float mish_first_tail = -0x1.7b5fe8p-27f;
inline constexpr std::array mish_rest{
    0x1.a34a26p-3f, 0x1.574f14p-5f, -0x1.4c29dap-6f, -0x1.033b0ep-6f, -0x1.a9fcecp-9f,
    0x1.2e603ap-10f};

}  // namespace kiln::constants
