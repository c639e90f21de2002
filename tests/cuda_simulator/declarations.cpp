#include "declarations.h"

#include <unordered_map>

namespace kilnsim {

unsigned type_bits(const std::string &type) {
  static const std::unordered_map<std::string, unsigned> bits = {
      {"pred", 1}, {"b8", 8},   {"u8", 8},   {"s8", 8},   {"b16", 16}, {"u16", 16}, {"s16", 16}, {"b32", 32},
      {"u32", 32}, {"s32", 32}, {"f32", 32}, {"b64", 64}, {"u64", 64}, {"s64", 64}, {"f64", 64}};
  const auto found = bits.find(type);
  return found == bits.end() ? 0 : found->second;
}

// .param pointers carry attributes of what they point to, ".ptr .global .align 16", which change nothing here.
Declaration read_declaration(TokenReader &in) {
  Declaration d;
  bool pointer = false;
  while (in.peek().kind == Token::word && in.peek().text[0] == '.') {
    const Token t = in.next();
    if (t.is(".align")) {
      const uint64_t alignment = in.integer("an alignment");
      if (alignment == 0 || (alignment & (alignment - 1))) throw Refused(t.line, "an alignment is a power of two");
      if (!pointer) d.alignment = uint32_t(alignment);
    } else if (t.is(".ptr")) {
      pointer = true;
    } else if (pointer && (t.is(".global") || t.is(".shared") || t.is(".local") || t.is(".const"))) {
      continue;
    } else if (type_bits(t.text.substr(1)) >= 8) {
      d.type = t.text.substr(1);
      d.element_bytes = type_bits(d.type) / 8;
    } else {
      throw Refused(t.line, "'" + t.text + "' is not known in a declaration");
    }
  }
  if (d.type.empty()) throw Refused(in.line(), "a declaration without a type");
  d.name = in.word("a name");
  d.elements = 1;
  while (in.take("[")) {
    if (in.take("]")) {
      d.elements.reset();
      break;
    }
    d.elements = *d.elements * in.integer("a number of elements");
    in.expect("]");
  }
  if (d.alignment == 0) d.alignment = d.element_bytes;
  return d;
}

}  // namespace kilnsim
