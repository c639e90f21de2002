#include "names.h"

namespace kilnsim {
namespace {

const std::unordered_map<std::string, Special> kSpecials = {
    {"%tid.x", tid_x},     {"%tid.y", tid_y},       {"%tid.z", tid_z},       {"%ntid.x", ntid_x},
    {"%ntid.y", ntid_y},   {"%ntid.z", ntid_z},     {"%ctaid.x", ctaid_x},   {"%ctaid.y", ctaid_y},
    {"%ctaid.z", ctaid_z}, {"%nctaid.x", nctaid_x}, {"%nctaid.y", nctaid_y}, {"%nctaid.z", nctaid_z},
    {"%laneid", laneid},   {"%warpid", warpid}};

}  // namespace

void Names::declare_registers(TokenReader &in) {
  const Token type = in.next();
  const unsigned bits = type.text[0] == '.' ? type_bits(type.text.substr(1)) : 0;
  if (bits == 0 || bits == 8) throw Refused(type.line, "registers of type '" + type.text + "' are not implemented");
  do {
    const int line = in.line();
    const std::string name = in.word("a register's name");
    const uint32_t slot = kernel_.slots;
    uint64_t count = 1;
    bool fresh;
    if (in.take("<")) {
      count = in.integer("a number of registers");
      in.expect(">");
      fresh = scopes_.back().ranges.emplace(name, Range{{slot, bits}, count}).second;
    } else {
      fresh = scopes_.back().single.emplace(name, Register{slot, bits}).second;
    }
    if (!fresh) throw Refused(line, "register " + name + " is declared twice");
    if (count > 1000000) throw Refused(line, "more registers than the simulator takes");
    kernel_.slots += uint32_t(count);
  } while (in.take(","));
  in.expect(";");
}

Register Names::find(const std::string &name) const {
  size_t digits = name.size();
  while (digits > 0 && isdigit(static_cast<unsigned char>(name[digits - 1]))) --digits;
  const bool numbered = digits < name.size() && name.size() - digits < 9;
  for (size_t i = scopes_.size(); i-- > 0;) {
    const auto single = scopes_[i].single.find(name);
    if (single != scopes_[i].single.end()) return single->second;
    const auto range = numbered ? scopes_[i].ranges.find(name.substr(0, digits)) : scopes_[i].ranges.end();
    if (range == scopes_[i].ranges.end()) continue;
    const uint64_t number = std::stoull(name.substr(digits));
    if (number < range->second.count) return {range->second.first.slot + uint32_t(number), range->second.first.bits};
  }
  const auto special = kSpecials.find(name);
  return special == kSpecials.end() ? Register{} : Register{special->second, 32};
}

uint32_t Names::constant(uint64_t bits) {
  const auto [found, fresh] = constants_.emplace(bits, kernel_.slots);
  if (fresh) kernel_.constants.emplace_back(kernel_.slots++, bits);
  return found->second;
}

}  // namespace kilnsim
