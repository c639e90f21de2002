// Uses of shared memory by several warps between two barriers. Which comes first is open on a GPU, so a byte that one
// warp changes must be used by no other one; that all write the same value is allowed.
#pragma once

#include <cstdint>
#include <vector>

namespace kilnsim {

class SharedRaces {
 public:
  explicit SharedRaces(size_t bytes) : uses_(bytes) {}

  void pass_barrier() { ++interval_; }

  // The warp that the use collides with, or -1.
  int read(size_t at, size_t bytes, unsigned warp) {
    for (size_t i = at; i < at + bytes; ++i) {
      Use &u = uses_[i];
      if (u.written == interval_ && u.writer != warp) return int(u.writer);
      u.readers = (u.read == interval_ ? u.readers : 0) | 1u << warp;
      u.read = interval_;
    }
    return -1;
  }

  int write(size_t at, size_t bytes, unsigned warp, const void *before, const void *after) {
    const auto *old_bytes = static_cast<const uint8_t *>(before), *new_bytes = static_cast<const uint8_t *>(after);
    for (size_t i = 0; i < bytes; ++i) {
      if (old_bytes[i] == new_bytes[i]) continue;
      Use &u = uses_[at + i];
      if (u.written == interval_ && u.writer != warp) return int(u.writer);
      const uint32_t others = u.read == interval_ ? u.readers & ~(1u << warp) : 0;
      if (others) return __builtin_ctz(others);
      u.written = interval_;
      u.writer = warp;
    }
    return -1;
  }

 private:
  struct Use {
    uint64_t written = 0, read = 0;  // the last interval in which
    uint32_t readers = 0;            // warps, in that interval; a block has 32 at most
    uint32_t writer = 0;
  };
  std::vector<Use> uses_;
  uint64_t interval_ = 1;  // between two barriers, of all blocks of a launch
};

}  // namespace kilnsim
