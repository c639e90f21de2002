#include "memory_access.h"

#include <sstream>
#include <unordered_set>

#include "address_windows.h"
#include "declarations.h"
#include "device_memory.h"

namespace kilnsim {
namespace {

class Access {
 public:
  Access(Warp &warp, const Operation &op, bool store)
      : warp_(warp), op_(op), store_(store), bytes_(uint64_t(op.bytes) * op.elements) {}

  uint8_t *locate(int lane) {
    const uint64_t address = warp_.slot(op_.from[0])[lane] + uint64_t(op_.offset);
    if (address % bytes_ != 0) fail(CUDA_ERROR_MISALIGNED_ADDRESS, lane, address, "is not a multiple of their number");
    Block &block = warp_.block;
    switch (op_.space) {
      case Space::shared:
        return within(block.shared.data(), block.shared.size(), address, lane, "shared memory");
      case Space::local:
        return within(warp_.local(lane), block.kernel.local_bytes, address, lane, "local memory");
      case Space::parameter:
        return within(const_cast<uint8_t *>(block.parameters), block.kernel.parameter_bytes, address, lane,
                      "the parameters");
      case Space::generic:
        if (address - kSharedWindow < kWindowBytes) {
          return within(block.shared.data(), block.shared.size(), address - kSharedWindow, lane, "shared memory");
        }
        if (address - kLocalWindow < kWindowBytes) {
          return within(warp_.local(lane), block.kernel.local_bytes, address - kLocalWindow, lane, "local memory");
        }
        break;
      default:
        break;
    }
    return global(address, lane);
  }

  // Of bytes that locate() found: they may be shared memory.
  void note_read(int lane, const uint8_t *from) {
    const size_t at = size_t(from - warp_.block.shared.data());
    if (at >= warp_.block.shared.size()) return;
    const int other = warp_.block.races.read(at, bytes_, warp_.index());
    if (other >= 0) fail_race(lane, at, other);
  }
  void note_write(int lane, const uint8_t *to, const void *value, size_t bytes) {
    const size_t at = size_t(to - warp_.block.shared.data());
    if (at >= warp_.block.shared.size()) return;
    const int other = warp_.block.races.write(at, bytes, warp_.index(), to, value);
    if (other >= 0) fail_race(lane, at, other);
  }

 private:
  [[noreturn]] void fail_race(int lane, size_t at, int other) {
    fail(CUDA_ERROR_LAUNCH_FAILED, lane, at,
         "of shared memory was used by warp " + std::to_string(other) + " since the last barrier: a race");
  }

  uint8_t *within(uint8_t *base, uint64_t size, uint64_t at, int lane, const char *what) {
    if (bytes_ > size || at > size - bytes_) {
      fail(CUDA_ERROR_ILLEGAL_ADDRESS, lane, at,
           "is outside of " + std::string(what) + ", which has " + std::to_string(size));
    }
    return base + at;
  }

  uint8_t *global(uint64_t address, int lane) {
    if (!found_ || address < found_->begin || address + bytes_ > found_->end) {
      found_ = warp_.block.memory.find(address, bytes_);
      if (!found_) {
        fail(CUDA_ERROR_ILLEGAL_ADDRESS, lane, address, "is in no allocation: " + warp_.block.memory.where(address));
      }
    }
    if (store_ && (found_->constant || op_.space == Space::constant)) {
      fail(CUDA_ERROR_ILLEGAL_ADDRESS, lane, address, "is constant");
    }
    if (store_ || op_.read_only) note(address - found_->begin, lane, address);
    return reinterpret_cast<uint8_t *>(address);
  }

  // ld.global.nc may read a stale value where the same kernel has written.
  void note(uint64_t at, int lane, uint64_t address) {
    const uint32_t launch = warp_.block.memory.launch();
    if (store_ && found_->writer.empty()) found_->writer.resize((found_->end - found_->begin + 1) / 2);
    if (found_->writer.empty()) return;
    for (uint64_t word = at / 2; word <= (at + bytes_ - 1) / 2; ++word) {
      if (store_) {
        found_->writer[word] = launch;
      } else if (found_->writer[word] == launch) {
        fail(CUDA_ERROR_LAUNCH_FAILED, lane, address,
             "was written by this kernel, and is read through the non-coherent cache");
      }
    }
  }

  [[noreturn]] void fail(CUresult code, int lane, uint64_t address, const std::string &what) {
    std::ostringstream text;
    text << "kernel " << warp_.block.kernel.name << ", line " << op_.line << ": " << *op_.name << " of " << bytes_
         << " bytes by thread (" << warp_.slot(tid_x)[lane] << ", " << warp_.slot(tid_y)[lane] << ", "
         << warp_.slot(tid_z)[lane] << ") of block (" << warp_.slot(ctaid_x)[lane] << ", " << warp_.slot(ctaid_y)[lane]
         << ", " << warp_.slot(ctaid_z)[lane] << "): address 0x" << std::hex << address << " " << what;
    throw Fault(code, text.str());
  }

  Warp &warp_;
  const Operation &op_;
  const bool store_;
  const uint64_t bytes_;
  Allocation *found_ = nullptr;  // of the lane before
};

bool may_be_shared(const Operation &op) { return op.space == Space::shared || op.space == Space::generic; }

template <class T>
void load(Warp &warp, const Operation &op, uint32_t lanes) {
  Access access(warp, op, false);
  for (; lanes; lanes &= lanes - 1) {
    const int l = __builtin_ctz(lanes);
    const uint8_t *from = access.locate(l);
    if (may_be_shared(op)) access.note_read(l, from);
    for (int e = 0; e < op.elements; ++e) {
      T value;
      memcpy(&value, from + e * sizeof(T), sizeof value);
      warp.slot(op.to[e])[l] = uint64_t(value) & op.to_mask;  // sign-extended where T is signed
    }
  }
}

template <class T>
void store(Warp &warp, const Operation &op, uint32_t lanes) {
  Access access(warp, op, true);
  for (; lanes; lanes &= lanes - 1) {
    const int l = __builtin_ctz(lanes);
    uint8_t *to = access.locate(l);
    for (int e = 0; e < op.elements; ++e) {
      const T value = T(warp.slot(op.from[1 + e])[l]);
      if (may_be_shared(op)) access.note_write(l, to + e * sizeof(T), &value, sizeof value);
      memcpy(to + e * sizeof(T), &value, sizeof value);
    }
  }
}

LaneFunction function(bool loads, unsigned bits, bool is_signed) {
  switch (bits) {
    case 8:
      return !loads ? store<uint8_t> : is_signed ? load<int8_t> : load<uint8_t>;
    case 16:
      return !loads ? store<uint16_t> : is_signed ? load<int16_t> : load<uint16_t>;
    case 32:
      return !loads ? store<uint32_t> : is_signed ? load<int32_t> : load<uint32_t>;
    default:
      return !loads ? store<uint64_t> : load<uint64_t>;
  }
}

const std::unordered_map<std::string, Space> kSpaces = {{"global", Space::global},
                                                        {"shared", Space::shared},
                                                        {"local", Space::local},
                                                        {"const", Space::constant},
                                                        {"param", Space::parameter}};

// Orderings, scopes and cache hints: threads see each other's stores at once here.
const std::unordered_set<std::string> kWithoutEffect = {
    "volatile", "weak", "relaxed", "acquire", "release", "cta", "gpu", "sys", "ca", "cg", "cs", "lu", "cv", "wb", "wt"};

}  // namespace

bool decode_memory_access(const std::string &name, Operation &op) {
  std::istringstream parts(name);
  std::string part;
  std::getline(parts, part, '.');
  unsigned bits = 0;
  while (std::getline(parts, part, '.')) {
    const auto space = kSpaces.find(part);
    if (bits != 0) return false;  // the type is last
    if (space != kSpaces.end() && op.space == Space::generic) {
      op.space = space->second;
    } else if (part == "v2" || part == "v4") {
      op.elements = part[1] - '0';
    } else if (part == "nc" && op.space == Space::global && is_load(name)) {
      op.read_only = true;
    } else if (type_bits(part) >= 8) {
      bits = type_bits(part);
      op.run = function(is_load(name), bits, part[0] == 's');
    } else if (!kWithoutEffect.count(part) && part.compare(0, 4, "L1::") != 0 && part.compare(0, 4, "L2::") != 0) {
      return false;
    }
  }
  op.bytes = bits / 8;
  return bits != 0 && op.bytes * op.elements <= 16 && !(is_store(name) && op.space == Space::parameter);
}

}  // namespace kilnsim
