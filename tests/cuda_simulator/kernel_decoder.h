// The body of a kernel to operations.
#pragma once

#include "operand_reader.h"

namespace kilnsim {

// Reads from behind the opening brace to behind the closing one. `module_shared`: shared variables of the module.
void decode_kernel(TokenReader &, Program &, Kernel &, const Addresses &module_shared);

}  // namespace kilnsim
