// ld and st.
#pragma once

#include <string>

#include "instruction.h"

namespace kilnsim {

// Sets what the name says: space, width, elements, function. False: the name has a part that is not implemented.
bool decode_memory_access(const std::string &name, Operation &op);

inline bool is_load(const std::string &name) { return name.compare(0, 3, "ld.") == 0; }
inline bool is_store(const std::string &name) { return name.compare(0, 3, "st.") == 0; }

}  // namespace kilnsim
