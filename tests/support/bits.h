// Bit patterns of float32.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>

namespace kiln::test {

inline uint32_t bits_of(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

inline float from_bits(uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

// The only NaN that Kiln stores.
constexpr uint32_t kNanBits = 0x7fc00000;

// "0x3f800000 (1)"
std::string show(float x);

}  // namespace kiln::test
