// The parts that declarations have in common: .align 8 .b8 name[16].
#pragma once

#include <optional>

#include "token_reader.h"

namespace kilnsim {

struct Declaration {
  std::string type, name;
  uint32_t alignment = 0;  // given or the type's
  uint32_t element_bytes = 0;
  std::optional<uint64_t> elements;  // none: name[]
  uint32_t bytes() const { return element_bytes * uint32_t(elements.value_or(0)); }
};

// Width of a PTX type in bits, 1 of .pred; 0: no type. `type` without its dot.
unsigned type_bits(const std::string &type);

Declaration read_declaration(TokenReader &);

inline uint32_t aligned(uint32_t offset, uint32_t alignment) {
  return (offset + alignment - 1) / alignment * alignment;
}

}  // namespace kilnsim
