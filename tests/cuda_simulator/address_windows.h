// Where shared and local memory lie among generic addresses: above every address that a host process has.
#pragma once

#include <cstdint>

namespace kilnsim {
constexpr uint64_t kSharedWindow = uint64_t(1) << 56;
constexpr uint64_t kLocalWindow = uint64_t(2) << 56;
constexpr uint64_t kWindowBytes = uint64_t(1) << 32;
}  // namespace kilnsim
