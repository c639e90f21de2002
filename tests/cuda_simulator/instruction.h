// Instructions by their full PTX names, each a C++ function of one thread's values.
#pragma once

#include <cstring>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "warp.h"

namespace kilnsim {

// How an instruction runs and how wide its operands are, in bits; 1: a predicate, 0: no operand.
struct Instruction {
  LaneFunction run;
  uint8_t to;
  uint8_t from[4];
  bool wider = false;  // registers may be wider than the operands (cvt)
};
using InstructionTable = std::unordered_map<std::string, Instruction>;

template <class T>
T read_slot(uint64_t slot) {
  if constexpr (std::is_same_v<T, bool>) {
    return slot != 0;
  } else {
    T value;
    memcpy(&value, &slot, sizeof value);  // little-endian hosts
    return value;
  }
}

template <class T>
uint64_t write_slot(T value) {
  uint64_t slot = 0;
  memcpy(&slot, &value, sizeof value);
  return slot;
}

template <class T>
constexpr uint8_t width_of() {
  return std::is_same_v<T, bool> ? 1 : 8 * sizeof(T);
}

template <auto function>
struct Lanes;

// Applies `function` to the given lanes.
template <class To, class... From, To (*function)(From...)>
struct Lanes<function> {
  template <size_t... i>
  static void apply(Warp &warp, const Operation &op, uint32_t lanes, std::index_sequence<i...>) {
    uint64_t *to = warp.slot(op.to[0]);
    const uint64_t *from[] = {warp.slot(op.from[i])...};
    if (lanes == ~0u) {
      for (int l = 0; l < kWarpSize; ++l) to[l] = write_slot<To>(function(read_slot<From>(from[i][l])...));
    } else {
      for (; lanes; lanes &= lanes - 1) {
        const int l = __builtin_ctz(lanes);
        to[l] = write_slot<To>(function(read_slot<From>(from[i][l])...));
      }
    }
  }
  static void run(Warp &warp, const Operation &op, uint32_t lanes) {
    apply(warp, op, lanes, std::index_sequence_for<From...>());
  }
  static Instruction instruction() { return {run, width_of<To>(), {width_of<From>()...}, false}; }
};

template <auto function>
Instruction lanes_of() {
  return Lanes<function>::instruction();
}

// The table of all instructions but memory accesses and control flow.
const InstructionTable &instructions();

// Its parts, a file each.
void add_integer_instructions(InstructionTable &);
void add_bit_instructions(InstructionTable &);
void add_float_instructions(InstructionTable &);
void add_comparisons(InstructionTable &);
void add_conversions(InstructionTable &);
void add_warp_instructions(InstructionTable &);

}  // namespace kilnsim
