#pragma once

// Printed by scripts/derive_constants.py; not to be edited.
// clang-format off

#include <array>

namespace kiln::constants {

// (log(u) - q) / q^3 in powers of q^2, q = 2 (u - 1) / (u + 1), for 1/2 <= u <= 2;
// error of log(u) 2^-33.0.
inline constexpr std::array log_exact{
    0x1.555558p-4f, 0x1.9996dap-7f, 0x1.2504cp-9f, 0x1.b7339cp-12f, 0x1.f06b1ep-14f};

}  // namespace kiln::constants
