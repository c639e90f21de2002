// What the names in a kernel stand for.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "declarations.h"
#include "program.h"

namespace kilnsim {

struct Register {
  uint32_t slot = kNoSlot;
  unsigned bits = 0;  // 1: a predicate
};

// Registers of nested blocks, special registers, and slots of constants.
class Names {
 public:
  explicit Names(Kernel &kernel) : kernel_(kernel), scopes_(1) {}

  void open() { scopes_.emplace_back(); }
  void close() { scopes_.pop_back(); }
  size_t depth() const { return scopes_.size(); }

  // .reg .b32 %r<8>, name;
  void declare_registers(TokenReader &);

  // Slot kNoSlot where the name is no register.
  Register find(const std::string &name) const;

  uint32_t constant(uint64_t bits);
  uint32_t sink() { return sink_ == kNoSlot ? sink_ = kernel_.slots++ : sink_; }  // "_"

 private:
  struct Range {
    Register first;
    uint64_t count;
  };
  struct Scope {
    std::unordered_map<std::string, Register> single;
    std::unordered_map<std::string, Range> ranges;  // by the name before the number
  };

  Kernel &kernel_;
  std::vector<Scope> scopes_;
  std::map<uint64_t, uint32_t> constants_;
  uint32_t sink_ = kNoSlot;
};

}  // namespace kilnsim
