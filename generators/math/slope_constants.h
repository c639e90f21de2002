#pragma once

// Printed by scripts/derive_constants.py; not to be edited.
// clang-format off

#include <array>

namespace kiln::constants {

inline constexpr double log2_e_64 = 0x1.71547652b82fep0;

// (2^f - 1) / f in powers of f for |f| <= 0.5; error of 2^f 2^-33.1.
inline constexpr std::array exp2_fraction{
    0x1.62e42fefa39efp-1, 0x1.ebfbe045f4f0fp-3, 0x1.c6b08d883dd31p-5, 0x1.3b2a1b712bd19p-7,
    0x1.5d879eaceeafdp-10, 0x1.443fffeffbeb7p-13, 0x1.00a58171401d5p-16};

// silu' is 0 at root; exp of it.
inline constexpr double silu_root = -0x1.474973c84120bp0;
inline constexpr double silu_exp_root = 0x1.1d25cf210482ep-2;

// mish' is 0 at root; u is exp of it. (u + 2) (u^2 + 2 u + 2) + 4 x (u + 1) in powers of what u and x exceed
// these by, D and d: D (first + D (second + D) + 4 d) + across d.
inline constexpr double mish_root = -0x1.31432c0d12d84p0;
inline constexpr double mish_exp_root = 0x1.36c4202fc3eccp-2;
inline constexpr double mish_first = 0x1.f79bbdfa95d4ep1;
inline constexpr double mish_second = 0x1.3a44c608f4bc6p2;
inline constexpr double mish_across = 0x1.4db1080bf0fb3p2;

}  // namespace kiln::constants
