// Random numbers that are the same on every machine: std::mt19937_64 is defined to the bit, its distributions are not.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>

namespace kiln::test {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  uint64_t bits() { return engine_(); }
  // In [low, high]; the bias of the remainder does not matter here.
  int64_t integer(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(bits() % static_cast<uint64_t>(high - low + 1));
  }
  bool chance(int of) { return integer(1, of) == 1; }
  // In [0, 1).
  double unit() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
  // About normal: twelve uniform numbers have variance 1.
  double normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += unit();
    return sum;
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace kiln::test
