#include "operand_reader.h"

#include <cstring>

namespace kilnsim {
namespace {

std::string width(unsigned bits) { return bits == 1 ? "a predicate" : std::to_string(bits) + " bits"; }

}  // namespace

uint64_t read_literal(TokenReader &in, unsigned bits) {
  const std::string &text = in.peek(in.peek().is("-")).text;
  if (text.find('.') != std::string::npos)
    throw Refused(in.line(), "decimal fraction '" + text + "' is not implemented");
  if (text.size() < 2 || text[0] != '0' || !strchr("fFdD", text[1])) return in.integer("a number") & low_bits(bits);
  const unsigned own = text[1] == 'f' || text[1] == 'F' ? 32 : 64;
  const Token t = in.next();
  if (own != bits || t.text.size() != 2 + own / 4 ||
      t.text.find_first_not_of("0123456789abcdefABCDEF", 2) != std::string::npos) {
    throw Refused(t.line, "'" + t.text + "' is not a literal of " + std::to_string(bits) + " bits");
  }
  return std::stoull(t.text.substr(2), nullptr, 16);
}

OperandReader::OperandReader(TokenReader &in, const Program &program, Kernel &kernel, const Addresses &module_shared)
    : in_(in), program_(program), kernel_(kernel), names_(kernel), shared_(module_shared) {
  for (const Parameter &p : kernel.parameters) parameters_.emplace(p.name, p.offset);
}

void OperandReader::declare_variable(Space space) {
  const int line = in_.line();
  const Declaration d = read_declaration(in_);
  in_.expect(";");
  uint32_t &end = space == Space::local ? kernel_.local_bytes : kernel_.shared_bytes;
  const uint32_t begin = aligned(end, d.alignment);
  end = begin + d.bytes();
  if (!(space == Space::local ? local_ : shared_).emplace(d.name, begin).second) {
    throw Refused(line, d.name + " is declared twice");
  }
}

Register OperandReader::destination(unsigned bits, bool wider) {
  if (in_.take("_")) return {names_.sink(), bits};
  const Register r = names_.find(in_.peek().text);
  if (r.slot < special_count) throw Refused(line_, in_.peek().text + " cannot be written");
  register_slot(bits, wider);
  return r;
}

uint32_t OperandReader::register_slot(unsigned bits, bool wider) {
  const Token t = in_.next();
  const Register r = t.kind == Token::word ? names_.find(t.text) : Register{};
  if (r.slot == kNoSlot) throw Refused(t.line, "expected a register, found '" + t.text + "'");
  const bool fits = wider && bits > 1 ? r.bits >= bits : r.bits == bits;
  if (!fits) throw Refused(t.line, name_ + " takes " + width(bits) + ", and " + t.text + " is " + width(r.bits));
  return r.slot;
}

uint32_t OperandReader::source(unsigned bits, bool wider) {
  const Token t = in_.peek();
  const bool literal = t.kind != Token::word || isdigit(static_cast<unsigned char>(t.text[0]));
  if (literal && bits > 1) return names_.constant(read_literal(in_, bits));
  uint64_t address;
  const bool takes_address = bits == 64 || (bits == 32 && name_.compare(0, 4, "mov.") == 0);
  if (literal || names_.find(t.text).slot != kNoSlot || !takes_address) return register_slot(bits, wider);
  if (t.text == "WARP_SZ") {
    address = kWarpSize;
  } else if (!find_variable(t.text, name_ == "mov.u64" || name_ == "mov.b64", address)) {
    throw Refused(t.line, "'" + t.text + "' is not known");
  }
  in_.next();
  return names_.constant(address);
}

void OperandReader::address(Operation &op) {
  in_.expect("[");
  uint64_t variable;
  if (names_.find(in_.peek().text).slot == kNoSlot &&
      find_variable(in_.peek().text, op.space == Space::parameter, variable)) {
    in_.next();
    op.from[0] = names_.constant(variable);
  } else {
    op.from[0] = source(64, false);
  }
  if (in_.take("+")) op.offset = int64_t(in_.integer("an offset"));
  in_.expect("]");
}

bool OperandReader::find_variable(const std::string &name, bool parameter, uint64_t &address) const {
  for (const Addresses *a : {parameter ? &parameters_ : &shared_, &shared_, &local_}) {
    const auto found = a->find(name);
    if (found == a->end()) continue;
    address = found->second;
    return true;
  }
  const auto found = program_.variables.find(name);
  if (found == program_.variables.end()) return false;
  address = found->second.address;
  return true;
}

}  // namespace kilnsim
