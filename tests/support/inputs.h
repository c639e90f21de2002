// float32 inputs that are worth testing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace kiln::test {

// Zeros, infinities, the ends of the normal and subnormal ranges, and NaNs quiet and signalling, of both signs.
std::vector<float> special_values();

// The neighbours, up to 8 ULP away, of every power of two and of every number where an algorithm turns: multiples of
// ln(2)/2, ends of saturation and of underflow. Both signs.
std::vector<float> threshold_values();

// Every `step`-th of the 2^32 bit patterns, from 0 on.
std::vector<float> every_pattern(uint64_t step);

// `count` values: most of them normal numbers of scales from 0.01 to 30, some special values, some random bit patterns.
std::vector<float> mixed_values(int64_t count, uint64_t seed);

// `count` values, about normal with that mean and deviation.
std::vector<float> normal_values(int64_t count, uint64_t seed, double mean = 0, double deviation = 1);

// The factor by which samples are thinned: the environment variable KILN_TESTS_THIN, 1 where it is not set. For
// machines that are emulated.
uint64_t thinning();

// Which of a row of cases are tried: all of them, or, where samples are thinned, every n-th, and others in each round.
class Turns {
 public:
  explicit Turns(size_t n) : n_(thinning() == 1 ? 1 : n) {}
  void next_round() { ++round_; }
  bool has(size_t i) const { return (i + round_) % n_ == 0; }

 private:
  size_t n_, round_ = 0;
};

// The cases that are tried: all of them, or, where samples are thinned, every n-th, and others in each round; one at
// least.
template <class Case>
std::vector<Case> some_of(const std::vector<Case> &all, size_t n, size_t round = 0) {
  if (thinning() == 1 || all.empty()) return all;
  std::vector<Case> some;
  for (size_t i = round % std::min(n, all.size()); i < all.size(); i += n) some.push_back(all[i]);
  return some;
}

}  // namespace kiln::test
