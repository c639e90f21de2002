#include "device_memory.h"

#include <cstring>
#include <new>

namespace kilnsim {
namespace {
constexpr uint64_t kAlignment = 256;  // as the driver's
constexpr uint64_t kGuard = 4096;     // between any two allocations at least
}  // namespace

uint64_t DeviceMemory::allocate(uint64_t bytes) {
  if (bytes > kTotal - bytes_) return 0;
  Allocation a;
  a.storage.reset(new (std::nothrow) uint8_t[bytes + 2 * kGuard + kAlignment]);
  if (!a.storage) return 0;
  const uint64_t first = reinterpret_cast<uint64_t>(a.storage.get()) + kGuard;
  a.begin = (first + kAlignment - 1) / kAlignment * kAlignment;
  a.end = a.begin + bytes;
  memset(reinterpret_cast<void *>(a.begin), 0xff, bytes);
  bytes_ += bytes;
  const uint64_t begin = a.begin;
  table_.emplace(begin, std::move(a));
  return begin;
}

bool DeviceMemory::release(uint64_t begin) {
  const auto found = table_.find(begin);
  if (found == table_.end()) return false;
  bytes_ -= found->second.end - found->second.begin;
  table_.erase(found);
  last_ = nullptr;
  return true;
}

Allocation *DeviceMemory::find(uint64_t address, uint64_t bytes) {
  if (!last_ || address < last_->begin || address >= last_->end) {
    auto next = table_.upper_bound(address);
    if (next == table_.begin()) return nullptr;
    Allocation &a = (--next)->second;
    if (address >= a.end) return nullptr;
    last_ = &a;
  }
  return bytes <= last_->end - address ? last_ : nullptr;
}

std::string DeviceMemory::where(uint64_t address) const {
  char hex[32];
  snprintf(hex, sizeof hex, "0x%llx", static_cast<unsigned long long>(address));
  std::string text = hex;
  auto next = table_.upper_bound(address);
  if (next != table_.end() && next->first - address <= kGuard) {
    return text + ", " + std::to_string(next->first - address) + " bytes before an allocation of " +
           std::to_string(next->second.end - next->second.begin);
  }
  if (next != table_.begin()) {
    const Allocation &a = std::prev(next)->second;
    if (address < a.end + kGuard) {
      return text + ", byte " + std::to_string(address - a.begin) + " of an allocation of " +
             std::to_string(a.end - a.begin);
    }
  }
  return text + ", near no allocation";
}

}  // namespace kilnsim
