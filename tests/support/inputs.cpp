#include "support/inputs.h"

#include <cmath>
#include <cstdlib>

#include "support/bits.h"
#include "support/random.h"

namespace kiln::test {

std::vector<float> special_values() {
  const uint32_t magnitudes[] = {0x00000000, 0x00000001, 0x00000002, 0x00400000, 0x007fffff, 0x00800000, 0x00800001,
                                 0x3f7fffff, 0x3f800000, 0x3f800001, 0x7f000000, 0x7f7ffffe, 0x7f7fffff, 0x7f800000,
                                 0x7f800001, 0x7fa00000, 0x7fbfffff, 0x7fc00000, 0x7fc00001, 0x7fffffff};
  std::vector<float> values;
  for (uint32_t magnitude : magnitudes)
    for (uint32_t sign : {0x00000000u, 0x80000000u}) values.push_back(from_bits(sign | magnitude));
  return values;
}

std::vector<float> threshold_values() {
  std::vector<double> centers = {1.5,   3,   6,      8.99, 9.01, 9.03, 9.1, 10,   12,  16.6,  17,    17.33, 17.4,
                                 20,    25,  44,     64,   80,   85,   87,  87.3, 88,  88.37, 88.72, 89,    103.3,
                                 103.9, 104, 103.97, 105,  106,  107,  108, 109,  110, 112,   120};
  for (int exponent = -149; exponent <= 127; ++exponent) centers.push_back(std::ldexp(1.0, exponent));
  for (int n = 1; n <= 320; ++n) centers.push_back(n * 0.34657359027997265);
  std::vector<float> values;
  for (double center : centers) {
    const int64_t at = bits_of(static_cast<float>(center));
    for (int64_t pattern = at > 8 ? at - 8 : 0; pattern <= at + 8; ++pattern)
      for (uint32_t sign : {0x00000000u, 0x80000000u})
        values.push_back(from_bits(sign | static_cast<uint32_t>(pattern)));
  }
  return values;
}

std::vector<float> every_pattern(uint64_t step) {
  std::vector<float> values;
  values.reserve((uint64_t{1} << 32) / step + 1);
  for (uint64_t pattern = 0; pattern < uint64_t{1} << 32; pattern += step)
    values.push_back(from_bits(static_cast<uint32_t>(pattern)));
  return values;
}

std::vector<float> mixed_values(int64_t count, uint64_t seed) {
  static const std::vector<float> specials = special_values();
  Random random(seed);
  std::vector<float> values(count);
  for (float &value : values) {
    const int64_t kind = random.integer(0, 15);
    if (kind == 0) {
      value = specials[random.integer(0, static_cast<int64_t>(specials.size()) - 1)];
    } else if (kind <= 2) {
      value = from_bits(static_cast<uint32_t>(random.bits()));
    } else {
      value = static_cast<float>(random.normal() * std::pow(10.0, random.unit() * 3.5 - 2));
    }
  }
  return values;
}

std::vector<float> normal_values(int64_t count, uint64_t seed, double mean, double deviation) {
  Random random(seed);
  std::vector<float> values(count);
  for (float &value : values) value = static_cast<float>(mean + deviation * random.normal());
  return values;
}

uint64_t thinning() {
  const char *thin = std::getenv("KILN_TESTS_THIN");
  const long long factor = thin ? std::atoll(thin) : 1;
  return factor > 1 ? static_cast<uint64_t>(factor) : 1;
}

}  // namespace kiln::test
