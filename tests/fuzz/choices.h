// Decisions that are read from bytes: a fuzzer changes the bytes, and what is built from them changes with it. Where no
// bytes are left, every decision is the first one.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kiln::fuzz {

class Choices {
 public:
  Choices(const uint8_t *bytes, size_t size) : next_(bytes), end_(bytes + size) {}

  uint64_t bits(int bytes) {
    uint64_t value = 0;
    for (int i = 0; i < bytes; ++i) value = value << 8 | (next_ < end_ ? *next_++ : 0);
    return value;
  }
  // In [low, high].
  int64_t integer(int64_t low, int64_t high) {
    const uint64_t range = static_cast<uint64_t>(high) - static_cast<uint64_t>(low) + 1;
    const int bytes = range == 0 || range > 0x1p32 ? 8 : range > 0x10000 ? 4 : range > 0x100 ? 2 : 1;
    const uint64_t value = bits(bytes);
    return static_cast<int64_t>(static_cast<uint64_t>(low) + (range == 0 ? value : value % range));
  }
  // True once in that many times.
  bool chance(int of) { return integer(0, of - 1) == of - 1; }
  template <class List>
  const auto &one_of(const List &list) {
    return *(list.begin() + integer(0, static_cast<int64_t>(list.size()) - 1));
  }

 private:
  const uint8_t *next_, *end_;
};

}  // namespace kiln::fuzz
