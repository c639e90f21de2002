// A kernel decoded: a flat array of operations over the slots of a warp.
//
// A slot is one 64-bit value per lane. Registers, immediate operands, addresses of variables and special registers all
// have slots, so an operation only knows slot numbers. A value narrower than 64 bits is kept zero-extended.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace kilnsim {

constexpr int kWarpSize = 32;
constexpr uint32_t kNoSlot = ~0u;

struct Operation;
class Warp;
using LaneFunction = void (*)(Warp &, const Operation &, uint32_t lanes);

enum class Flow : uint8_t { next, branch, barrier, leave };
enum class Space : uint8_t { generic, global, shared, local, constant, parameter };

struct Operation {
  LaneFunction run = nullptr;  // of Flow::next
  Flow flow = Flow::next;
  Space space = Space::generic;
  uint8_t bytes = 0;       // of one element, in memory
  uint8_t elements = 1;    // 1, 2 or 4
  bool read_only = false;  // ld.global.nc
  bool guard_negated = false;
  uint32_t guard = kNoSlot;  // the predicate of @p
  uint32_t to[4] = {kNoSlot, kNoSlot, kNoSlot, kNoSlot};
  uint32_t from[5] = {kNoSlot, kNoSlot, kNoSlot, kNoSlot, kNoSlot};
  uint64_t to_mask = ~uint64_t(0);  // bits of the registers that are loaded
  int64_t offset = 0;               // added to an address
  uint32_t target = 0;              // of a branch
  uint32_t line = 0;                // in the PTX text
  const std::string *name = nullptr;
};

enum Special : uint32_t {
  tid_x,
  tid_y,
  tid_z,
  ntid_x,
  ntid_y,
  ntid_z,
  ctaid_x,
  ctaid_y,
  ctaid_z,
  nctaid_x,
  nctaid_y,
  nctaid_z,
  laneid,
  warpid,
  special_count
};

struct Parameter {
  std::string name;
  uint32_t offset, bytes;
};

struct Kernel {
  std::string name;
  std::vector<Parameter> parameters;
  uint32_t parameter_bytes = 0;
  uint32_t shared_bytes = 0;          // declared; a launch may add more
  uint32_t local_bytes = 0;           // per thread
  unsigned max_threads = 1024;        // .maxntid
  unsigned required_threads[3] = {};  // .reqntid, zeros without
  uint32_t slots = special_count;     // the special registers come first
  std::vector<std::pair<uint32_t, uint64_t>> constants;
  std::vector<Operation> operations;
};

// A .global or .const variable of a module.
struct Variable {
  Space space;
  std::vector<uint8_t> initial;
  uint64_t address = 0;
};

// What a PTX text becomes. `names` owns the strings that operations point to.
struct Program {
  std::unordered_map<std::string, Variable> variables;
  std::unordered_map<std::string, std::unique_ptr<Kernel>> kernels;
  std::unordered_map<std::string, std::string> names;
};

}  // namespace kilnsim
