#include "kernel_decoder.h"

#include "instruction.h"
#include "memory_access.h"

namespace kilnsim {
namespace {

// mov between a register and the n parts of a vector.
template <int n, int bits>
struct Vector {
  static void unpack(Warp &warp, const Operation &op, uint32_t lanes) {
    for (; lanes; lanes &= lanes - 1) {
      const int l = __builtin_ctz(lanes);
      const uint64_t value = warp.slot(op.from[0])[l];
      for (int e = 0; e < n; ++e) warp.slot(op.to[e])[l] = value >> (e * bits) & low_bits(bits);
    }
  }
  static void pack(Warp &warp, const Operation &op, uint32_t lanes) {
    for (; lanes; lanes &= lanes - 1) {
      const int l = __builtin_ctz(lanes);
      uint64_t value = 0;
      for (int e = 0; e < n; ++e) value |= warp.slot(op.from[e])[l] << (e * bits);
      warp.slot(op.to[0])[l] = value;
    }
  }
};

class Decoder {
 public:
  Decoder(TokenReader &in, Program &program, Kernel &kernel, const Addresses &module_shared)
      : in_(in), program_(program), kernel_(kernel), operands_(in, program, kernel, module_shared) {}

  void decode() {
    for (;;) {
      if (in_.take("{")) {
        operands_.names().open();
      } else if (in_.take("}")) {
        if (operands_.names().depth() == 1) break;
        operands_.names().close();
      } else {
        statement();
      }
    }
    Operation end;  // of a body without a last ret
    end.flow = Flow::leave;
    end.line = uint32_t(in_.line());
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
      operands_.names().declare_registers(in_);
    } else if (t.is(".local") || t.is(".shared")) {
      operands_.declare_variable(t.is(".local") ? Space::local : Space::shared);
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
      operands_.begin("a guard", in_.line());
      op.guard = operands_.register_slot(1, false);
    }
    line_ = in_.line();
    name_ = in_.word("an instruction");
    operands_.begin(name_, line_);
    op.name = &program_.names.emplace(name_, name_).first->second;
    if (is_load(name_) || is_store(name_)) {
      memory(op);
    } else if (!control(op) && !vector_move(op)) {
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
    } else if (name_ == "bar.sync" || name_ == "barrier.sync" || name_ == "barrier.sync.aligned" ||
               name_ == "bar.cta.sync") {
      op.flow = Flow::barrier;
      op.from[0] = operands_.source(32, false);
    } else {
      return false;
    }
    return true;
  }

  void memory(Operation &op) {
    if (!decode_memory_access(name_, op)) not_implemented("");
    const unsigned bits = 8 * op.bytes;
    if (is_load(name_)) {
      operands_.vector(op.elements, [&](int e) {
        const Register r = operands_.destination(bits, true);
        if (e > 0 && low_bits(r.bits) != op.to_mask) throw Refused(line_, name_ + ": registers of several widths");
        op.to_mask = low_bits(r.bits);
        op.to[e] = r.slot;
      });
      in_.expect(",");
    }
    operands_.address(op);
    if (is_store(name_)) {
      in_.expect(",");
      operands_.vector(op.elements, [&](int e) { op.from[1 + e] = operands_.source(bits, true); });
    }
  }

  bool vector_move(Operation &op) {
    if (name_ != "mov.b32" && name_ != "mov.b64") return false;
    const unsigned bits = name_ == "mov.b32" ? 32 : 64;
    const bool unpacks = in_.peek().is("{");
    if (!unpacks && !in_.peek(2).is("{")) return false;
    const int n = vector_length(unpacks ? 1 : 3);
    if (n == 2) {
      op.run = bits == 64 ? (unpacks ? Vector<2, 32>::unpack : Vector<2, 32>::pack)
                          : (unpacks ? Vector<2, 16>::unpack : Vector<2, 16>::pack);
    } else if (n == 4 && bits == 64) {
      op.run = unpacks ? Vector<4, 16>::unpack : Vector<4, 16>::pack;
    } else {
      not_implemented(" of this vector");
    }
    const auto part = [&](int e) {
      (unpacks ? op.to : op.from)[e] =
          unpacks ? operands_.destination(bits / n, false).slot : operands_.source(bits / n, false);
    };
    if (unpacks) {
      operands_.vector(n, part);
    } else {
      op.to[0] = operands_.destination(bits, false).slot;
    }
    in_.expect(",");
    if (unpacks) {
      op.from[0] = operands_.source(bits, false);
    } else {
      operands_.vector(n, part);
    }
    return true;
  }

  int vector_length(size_t ahead) const {
    int n = 1;
    for (; !in_.peek(ahead).is("}") && in_.peek(ahead).kind != Token::end; ++ahead) n += in_.peek(ahead).is(",");
    return n;
  }

  void plain(Operation &op) {
    const auto found = instructions().find(name_);
    if (found == instructions().end()) not_implemented("");
    const Instruction &i = found->second;
    op.run = i.run;
    bool first = true;
    if (i.to) {
      const Register r = operands_.destination(i.to, i.wider);
      // A narrow signed result would be extended to the register's width.
      if (r.bits > i.to && name_.find(".s" + std::to_string(i.to) + ".") != std::string::npos) {
        not_implemented(" into a wider register");
      }
      op.to[0] = r.slot;
      if (name_.compare(0, 5, "shfl.") == 0 && in_.take("|")) op.to[1] = operands_.destination(1, false).slot;
      first = false;
    }
    for (int k = 0; k < 4 && i.from[k]; ++k) {
      if (!first) in_.expect(",");
      op.from[k] = operands_.source(i.from[k], i.wider);
      first = false;
    }
  }

  [[noreturn]] void not_implemented(const char *which) const {
    throw Refused(line_, "instruction " + name_ + which + " is not implemented");
  }

  struct Branch {
    size_t at;
    std::string label;
    int line;
  };

  TokenReader &in_;
  Program &program_;
  Kernel &kernel_;
  OperandReader operands_;
  std::unordered_map<std::string, uint32_t> labels_;
  std::vector<Branch> branches_;
  std::string name_;
  int line_ = 0;
};

}  // namespace

void decode_kernel(TokenReader &in, Program &program, Kernel &kernel, const Addresses &module_shared) {
  Decoder(in, program, kernel, module_shared).decode();
}

}  // namespace kilnsim
