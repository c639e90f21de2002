#include "kernel_decoder.h"

#include <cstring>

#include "instruction.h"
#include "memory_access.h"
#include "names.h"

namespace kilnsim {
namespace {

class Decoder {
 public:
  Decoder(TokenReader &in, Program &program, Kernel &kernel, const SharedVariables &of_module)
      : in_(in), program_(program), kernel_(kernel), names_(kernel), shared_(of_module) {
    for (const Parameter &p : kernel.parameters) parameters_.emplace(p.name, p.offset);
  }

  void decode() {
    for (;;) {
      if (in_.take("{")) {
        names_.open();
      } else if (in_.take("}")) {
        if (names_.depth() == 1) break;
        names_.close();
      } else {
        statement();
      }
    }
    Operation end;  // of a body without a last ret
    end.flow = Flow::leave;
    end.line = in_.line();
    kernel_.operations.push_back(end);
    for (const auto &[at, name, line] : branches_) {
      const auto label = labels_.find(name);
      if (label == labels_.end()) throw Refused(line, "label " + name + " is not defined");
      kernel_.operations[at].target = label->second;
    }
  }

 private:
  void statement() {
    const Token &t = in_.peek();
    if (t.kind == Token::word && t.text[0] == '.') return directive();
    if (t.kind == Token::word && in_.peek(1).is(":")) {
      if (!labels_.emplace(t.text, uint32_t(kernel_.operations.size())).second) {
        throw Refused(t.line, "label " + t.text + " is defined twice");
      }
      in_.next();
      in_.next();
      return;
    }
    instruction();
  }

  void directive() {
    const Token t = in_.next();
    if (t.is(".reg")) {
      names_.declare_registers(in_);
    } else if (t.is(".local") || t.is(".shared")) {
      const bool local = t.is(".local");
      const Declaration d = read_declaration(in_);
      in_.expect(";");
      uint32_t &end = local ? kernel_.local_bytes : kernel_.shared_bytes;
      const uint32_t begin = aligned(end, d.alignment);
      end = begin + d.bytes();
      if (!(local ? local_ : shared_).emplace(d.name, begin).second) throw Refused(t.line, d.name + " is declared twice");
    } else if (t.is(".pragma")) {
      in_.skip_past(";");
    } else if (t.is(".loc")) {
      for (const char *what : {"a file", "a line", "a column"}) in_.integer(what);
    } else {
      throw Refused(t.line, "'" + t.text + "' is not implemented in a kernel");
    }
  }

  void instruction() {
    Operation op;
    op.line = uint32_t(in_.line());
    if (in_.take("@")) {
      op.guard_negated = in_.take("!");
      op.guard = register_operand(1, false);
    }
    line_ = in_.line();
    name_ = in_.word("an instruction");
    op.name = &program_.names.emplace(name_, name_).first->second;
    if (is_load(name_) || is_store(name_)) {
      memory(op);
    } else if (!control(op) && !pack(op)) {
      plain(op);
    }
    in_.expect(";");
    kernel_.operations.push_back(op);
  }

  bool control(Operation &op) {
    if (name_ == "bra" || name_ == "bra.uni") {
      op.flow = Flow::branch;
      branches_.push_back({kernel_.operations.size(), in_.word("a label"), line_});
    } else if (name_ == "ret" || name_ == "ret.uni" || name_ == "exit") {
      op.flow = Flow::leave;
    } else if (name_ == "bar.sync" || name_ == "barrier.sync" || name_ == "barrier.sync.aligned" || name_ == "bar.cta.sync") {
      op.flow = Flow::barrier;
      op.from[0] = source(32, false);
    } else {
      return false;
    }
    return true;
  }

  void memory(Operation &op) {
    if (!decode_memory_access(name_, op)) throw Refused(line_, name_ + " is not implemented");
    const unsigned bits = 8 * op.bytes;
    if (is_load(name_)) {
      vector(op.elements, [&](int e) {
        const Register r = destination(bits, true);
        if (e > 0 && mask(r.bits) != op.to_mask) throw Refused(line_, name_ + ": registers of several widths");
        op.to_mask = mask(r.bits);
        op.to[e] = r.slot;
      });
      in_.expect(",");
    }
    address(op);
    if (is_store(name_)) {
      in_.expect(",");
      vector(op.elements, [&](int e) { op.from[1 + e] = source(bits, true); });
    }
  }

  // [register + number], [variable + number] or [number].
  void address(Operation &op) {
    in_.expect("[");
    op.from[0] = source(64, false, op.space);
    if (in_.take("+")) {
      op.offset = int64_t(in_.integer("an offset"));
    } else if (in_.peek().is("-")) {
      op.offset = int64_t(in_.integer("an offset"));
    }
    in_.expect("]");
  }

  template <class F>
  void vector(int elements, F &&element) {
    if (elements > 1) in_.expect("{");
    for (int e = 0; e < elements; ++e) {
      if (e > 0) in_.expect(",");
      element(e);
    }
    if (elements > 1) in_.expect("}");
  }

  // mov between a register and the parts of a vector.
  bool pack(Operation &op) {
    if (name_ != "mov.b32" && name_ != "mov.b64") return false;
    const unsigned bits = name_ == "mov.b32" ? 32 : 64;
    if (in_.peek().is("{")) {
      const int n = vector_length(1);
      vector(n, [&](int e) { op.to[e] = destination(bits / n, false).slot; });
      in_.expect(",");
      op.from[0] = source(bits, false);
      op.run = n == 2 ? (bits == 64 ? unpack<2, 32> : unpack<2, 16>) : unpack<4, 16>;
      if (n != 2 && bits / n != 16) throw Refused(line_, name_ + " of this vector is not implemented");
      return true;
    }
    const size_t comma = in_.peek().is("_") || in_.peek(1).is(",") ? 1 : 0;
    if (!comma || !in_.peek(2).is("{")) return false;
    op.to[0] = destination(bits, false).slot;
    in_.expect(",");
    const int n = vector_length(1);
    vector(n, [&](int e) { op.from[e] = source(bits / n, false); });
    op.run = n == 2 ? (bits == 64 ? packed<2, 32> : packed<2, 16>) : packed<4, 16>;
    if (n != 2 && bits / n != 16) throw Refused(line_, name_ + " of this vector is not implemented");
    return true;
  }

  int vector_length(size_t ahead) const {
    int n = 1;
    for (; !in_.peek(ahead).is("}") && in_.peek(ahead).kind != Token::end; ++ahead) n += in_.peek(ahead).is(",");
    return n == 2 || n == 4 ? n : throw Refused(line_, name_ + " of this vector is not implemented");
  }

  template <int n, int bits>
  static void unpack(Warp &warp, const Operation &op, uint32_t lanes) {
    for (; lanes; lanes &= lanes - 1) {
      const int l = __builtin_ctz(lanes);
      const uint64_t value = warp.slot(op.from[0])[l];
      for (int e = 0; e < n; ++e) warp.slot(op.to[e])[l] = value >> (e * bits) & mask(bits);
    }
  }

  template <int n, int bits>
  static void packed(Warp &warp, const Operation &op, uint32_t lanes) {
    for (; lanes; lanes &= lanes - 1) {
      const int l = __builtin_ctz(lanes);
      uint64_t value = 0;
      for (int e = 0; e < n; ++e) value |= (warp.slot(op.from[e])[l] & mask(bits)) << (e * bits);
      warp.slot(op.to[0])[l] = value;
    }
  }

  void plain(Operation &op) {
    const auto found = instructions().find(name_);
    if (found == instructions().end()) throw Refused(line_, name_ + " is not implemented");
    const Instruction &i = found->second;
    op.run = i.run;
    bool first = true;
    if (i.to) {
      op.to[0] = destination(i.to, i.relaxed).slot;
      if (name_.compare(0, 5, "shfl.") == 0 && in_.take("|")) op.to[1] = destination(1, false).slot;
      first = false;
    }
    for (int k = 0; k < 4 && i.from[k]; ++k) {
      if (!first) in_.expect(",");
      op.from[k] = source(i.from[k], i.relaxed);
      first = false;
    }
  }

  static uint64_t mask(unsigned bits) { return bits >= 64 ? ~uint64_t(0) : (uint64_t(1) << bits) - 1; }

  Register destination(unsigned bits, bool relaxed) {
    if (in_.take("_")) return {names_.sink(), bits};
    const Token &t = in_.peek();
    const Register r{register_operand(bits, relaxed), names_.find(t.text).bits};
    if (r.slot < special_count) throw Refused(line_, t.text + " cannot be written");
    return r;
  }

  // `relaxed`: the register may be wider.
  uint32_t register_operand(unsigned bits, bool relaxed) {
    const Token t = in_.next();
    const Register r = t.kind == Token::word ? names_.find(t.text) : Register{};
    if (r.slot == kNoSlot) throw Refused(t.line, "expected a register, found '" + t.text + "'");
    const bool fits = relaxed && bits > 1 ? r.bits >= bits : r.bits == bits;
    if (!fits) {
      throw Refused(t.line, name_ + " takes " + width(bits) + ", and " + t.text + " is " + width(r.bits));
    }
    return r.slot;
  }

  static std::string width(unsigned bits) { return bits == 1 ? "a predicate" : std::to_string(bits) + " bits"; }

  // A register, a literal, or a variable's address.
  uint32_t source(unsigned bits, bool relaxed, Space space = Space::generic) {
    const Token &t = in_.peek();
    if (t.kind != Token::word || isdigit(static_cast<unsigned char>(t.text[0]))) {
      if (bits == 1) throw Refused(t.line, "expected a predicate, found '" + t.text + "'");
      return names_.constant(read_literal(in_, bits) & mask(bits));
    }
    if (names_.find(t.text).slot != kNoSlot) return register_operand(bits, relaxed);
    if (bits < 32) throw Refused(t.line, "expected a register, found '" + t.text + "'");
    const std::string name = in_.next().text;
    const auto parameter = parameters_.find(name);
    if (parameter != parameters_.end() && (space == Space::parameter || name_.compare(0, 4, "mov.") == 0)) {
      return names_.constant(parameter->second);
    }
    if (const auto v = shared_.find(name); v != shared_.end()) return names_.constant(v->second);
    if (const auto v = local_.find(name); v != local_.end()) return names_.constant(v->second);
    if (const auto v = program_.variables.find(name); v != program_.variables.end()) return names_.constant(v->second.address);
    if (name == "WARP_SZ") return names_.constant(kWarpSize);
    throw Refused(line_, "'" + name + "' is not known");
  }

  struct Branch {
    size_t at;
    std::string label;
    int line;
  };

  TokenReader &in_;
  Program &program_;
  Kernel &kernel_;
  Names names_;
  SharedVariables shared_, local_;
  std::unordered_map<std::string, uint32_t> parameters_, labels_;
  std::vector<Branch> branches_;
  std::string name_;
  int line_ = 0;
};

}  // namespace

void decode_kernel(TokenReader &in, Program &program, Kernel &kernel, const SharedVariables &of_module) {
  Decoder(in, program, kernel, of_module).decode();
}

uint64_t read_literal(TokenReader &in, unsigned bits) {
  const std::string &text = in.peek(in.peek().is("-")).text;
  const bool hexadecimal = text.size() > 1 && text[0] == '0' && strchr("fFdD", text[1]);
  if (hexadecimal) {
    const unsigned own = text[1] == 'f' || text[1] == 'F' ? 32 : 64;
    const Token t = in.next();
    if (t.text.size() != 2 + own / 4 || t.text.find_first_not_of("0123456789abcdefABCDEF", 2) != std::string::npos || own != bits) {
      throw Refused(t.line, "'" + t.text + "' is not a literal of " + std::to_string(bits) + " bits");
    }
    return std::stoull(t.text.substr(2), nullptr, 16);
  }
  if (text.find('.') != std::string::npos) throw Refused(in.line(), "decimal fraction '" + text + "' is not implemented");
  return in.integer("a number");
}

}  // namespace kilnsim
