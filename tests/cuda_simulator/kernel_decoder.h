// The body of a kernel to operations.
#pragma once

#include <string>
#include <unordered_map>

#include "program.h"
#include "token_reader.h"

namespace kilnsim {

using SharedVariables = std::unordered_map<std::string, uint32_t>;  // name, address in shared memory

// Reads from behind the opening brace to behind the closing one.
void decode_kernel(TokenReader &, Program &, Kernel &, const SharedVariables &of_module);

// A literal operand of so many bits: an integer, 0f or 0d with the bits in hexadecimal, or a decimal fraction.
uint64_t read_literal(TokenReader &, unsigned bits);

}  // namespace kilnsim
