// Operands of one instruction to slots.
#pragma once

#include "names.h"

namespace kilnsim {

using Addresses = std::unordered_map<std::string, uint32_t>;  // of variables, within their space

// A literal operand of so many bits: an integer, or 0f or 0d with the bits in hexadecimal.
uint64_t read_literal(TokenReader &, unsigned bits);

inline uint64_t low_bits(unsigned bits) { return bits >= 64 ? ~uint64_t(0) : (uint64_t(1) << bits) - 1; }

class OperandReader {
 public:
  OperandReader(TokenReader &in, const Program &program, Kernel &kernel, const Addresses &module_shared);

  Names &names() { return names_; }
  // .local or .shared of the kernel, behind the directive.
  void declare_variable(Space);
  void begin(const std::string &instruction, int line) { name_ = instruction, line_ = line; }

  // `wider`: the register may be wider than the operand.
  Register destination(unsigned bits, bool wider);
  uint32_t register_slot(unsigned bits, bool wider);
  // A register, a literal, or a variable's address.
  uint32_t source(unsigned bits, bool wider);
  // [register + number], [variable + number] or [number].
  void address(Operation &);
  // {a, b} or {a, b, c, d}; a itself where there is one element.
  template <class F>
  void vector(int elements, F &&element) {
    if (elements > 1) in_.expect("{");
    for (int e = 0; e < elements; ++e) {
      if (e > 0) in_.expect(",");
      element(e);
    }
    if (elements > 1) in_.expect("}");
  }

 private:
  bool find_variable(const std::string &name, bool parameter, uint64_t &address) const;

  TokenReader &in_;
  const Program &program_;
  Kernel &kernel_;
  Names names_;
  Addresses shared_, local_, parameters_;
  std::string name_;
  int line_ = 0;
};

}  // namespace kilnsim
