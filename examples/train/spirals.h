// The data: three spirals around one another, each a class. Made of integers, products and sums alone, so that every
// machine has the same points; a C library's sin and cos need not agree with another's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

using Values = std::vector<float>;

class Random {
 public:
  // From [-1, 1): a multiple of 2^-23, which a float holds.
  float next() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return (static_cast<float>(state_ >> 40) - 8388608.0f) / 8388608.0f;
  }

 private:
  uint64_t state_ = 2026;
};

struct Spirals {
  static constexpr size_t kClasses = 3, kPerClass = 512, kCount = kClasses * kPerClass;
  Values points = Values(kCount * 2);          // x and y
  Values targets = Values(kCount * kClasses);  // 1 for the point's class, -1 for the others
};

struct Direction {
  float x, y;
  Direction turned(const Direction &by) const { return {x * by.x - y * by.y, x * by.y + y * by.x}; }
};

inline Spirals make_spirals(Random &random) {
  constexpr Direction third = {-0.5f, 0.8660254f};                        // of a circle
  constexpr Direction little = {65535.0f / 65537.0f, 512.0f / 65537.0f};  // 65535^2 + 512^2 = 65537^2
  constexpr float noise = 0.0625f;
  Spirals data;
  Direction start = {1, 0};
  for (size_t label = 0; label < Spirals::kClasses; ++label, start = start.turned(third)) {
    Direction direction = start;
    for (size_t i = 0; i < Spirals::kPerClass; ++i, direction = direction.turned(little)) {
      const size_t point = label * Spirals::kPerClass + i;
      const float radius = 0.125f + static_cast<float>(i) / Spirals::kPerClass;
      data.points[point * 2] = direction.x * radius + random.next() * noise;
      data.points[point * 2 + 1] = direction.y * radius + random.next() * noise;
      for (size_t k = 0; k < Spirals::kClasses; ++k) data.targets[point * Spirals::kClasses + k] = k == label ? 1 : -1;
    }
  }
  return data;
}
