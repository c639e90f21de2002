// Device memory: host memory in a table, so that an access outside of every allocation is found.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace kilnsim {

struct Allocation {
  uint64_t begin, end;
  std::unique_ptr<uint8_t[]> storage;  // with guard zones before and after
  bool constant = false;               // a .const variable
  std::vector<uint32_t> writer;        // per 2 bytes: the last launch that wrote there
};

class DeviceMemory {
 public:
  // A new allocation, filled with 0xff; its address, 0 where there is no memory.
  uint64_t allocate(uint64_t bytes);
  bool release(uint64_t begin);

  // The allocation that holds all of [address, address + bytes), or null.
  Allocation *find(uint64_t address, uint64_t bytes);
  std::string where(uint64_t address) const;  // in words, beside which allocation

  size_t count() const { return table_.size(); }
  uint64_t bytes() const { return bytes_; }

  void begin_launch() { ++launch_; }
  uint32_t launch() const { return launch_; }

  static constexpr uint64_t kTotal = uint64_t(8) << 30;

 private:
  std::map<uint64_t, Allocation> table_;  // by begin
  Allocation *last_ = nullptr;
  uint64_t bytes_ = 0;
  uint32_t launch_ = 0;
};

}  // namespace kilnsim
