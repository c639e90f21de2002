#include "parser.h"

#include <cstring>

#include "declarations.h"
#include "kernel_decoder.h"

namespace kilnsim {
namespace {

class Parser {
 public:
  Parser(const std::string &text, const PlaceVariable &place) : in_(tokenize(text)), place_(place) {}

  std::unique_ptr<Program> program() {
    header();
    while (!in_.at_end()) declaration();
    return std::move(program_);
  }

 private:
  void header() {
    in_.expect(".version");
    in_.word("a version");
    in_.expect(".target");
    const Token target = in_.next();
    if (target.text.compare(0, 3, "sm_") != 0) throw Refused(target.line, "'" + target.text + "' is not a target");
    if (atoi(target.text.c_str() + 3) > kCapability) {
      throw TargetTooNew(target.line, "target " + target.text + ": this device is sm_" + std::to_string(kCapability));
    }
    while (in_.take(",")) in_.word("a target option");
    if (in_.take(".address_size")) {
      const Token size = in_.next();
      if (!size.is("64")) throw Refused(size.line, "the address size is 64, not " + size.text);
    }
  }

  void declaration() {
    const Token t = in_.next();
    if (t.is(".visible") || t.is(".weak") || t.is(".extern")) return;  // everything is found by its name
    if (t.is(".entry")) return kernel();
    if (t.is(".global") || t.is(".const")) return variable(t.is(".const") ? Space::constant : Space::global);
    if (t.is(".shared")) return shared_variable();
    if (t.is(".file")) {
      in_.integer("a file's number");
      in_.next();
      return;
    }
    throw Refused(t.line, "'" + t.text + "' is not implemented outside of a kernel");
  }

  void variable(Space space) {
    const int line = in_.line();
    const Declaration d = read_declaration(in_);
    if (!d.elements || d.bytes() == 0) throw Refused(line, "variable " + d.name + " has no size");
    Variable v{space, std::vector<uint8_t>(d.bytes())};
    if (in_.take("=")) initialize(d, v);
    in_.expect(";");
    v.address = place_(v);
    if (!program_->variables.emplace(d.name, std::move(v)).second) throw Refused(line, d.name + " is declared twice");
  }

  void initialize(const Declaration &d, Variable &v) {
    const bool list = in_.take("{");
    size_t at = 0;
    do {
      const int line = in_.line();
      const uint64_t bits = read_literal(in_, 8 * d.element_bytes);
      if (at + d.element_bytes > v.initial.size()) throw Refused(line, "more values than " + d.name + " has elements");
      memcpy(v.initial.data() + at, &bits, d.element_bytes);
      at += d.element_bytes;
    } while (list && in_.take(","));
    if (list) in_.expect("}");
  }

  // Every kernel of the module has the module's shared variables at the same place.
  void shared_variable() {
    const Declaration d = read_declaration(in_);
    in_.expect(";");
    shared_.emplace(d.name, aligned(shared_bytes_, std::max(d.alignment, d.elements ? 1u : 16u)));
    shared_bytes_ = shared_[d.name] + d.bytes();
  }

  void kernel() {
    auto kernel = std::make_unique<Kernel>();
    const int line = in_.line();
    kernel->name = in_.word("a kernel's name");
    kernel->shared_bytes = shared_bytes_;
    if (in_.take("(")) parameters(*kernel);
    limits(*kernel);
    in_.expect("{");
    decode_kernel(in_, *program_, *kernel, shared_);
    const std::string name = kernel->name;
    if (!program_->kernels.emplace(name, std::move(kernel)).second) throw Refused(line, name + " is defined twice");
  }

  void parameters(Kernel &kernel) {
    while (!in_.take(")")) {
      in_.expect(".param");
      const Declaration d = read_declaration(in_);
      const uint32_t offset = aligned(kernel.parameter_bytes, d.alignment);
      kernel.parameters.push_back({d.name, offset, d.bytes()});
      kernel.parameter_bytes = offset + d.bytes();
      if (!in_.peek().is(")")) in_.expect(",");
    }
  }

  void limits(Kernel &kernel) {
    while (!in_.peek().is("{")) {
      const Token t = in_.next();
      unsigned numbers[3] = {1, 1, 1};
      int count = 0;
      do {
        if (count == 3) throw Refused(t.line, t.text + " takes at most three numbers");
        numbers[count++] = unsigned(in_.integer("a number"));
      } while (in_.take(","));
      if (t.is(".maxntid")) {
        kernel.max_threads = numbers[0] * numbers[1] * numbers[2];
      } else if (t.is(".reqntid")) {
        std::copy(numbers, numbers + 3, kernel.required_threads);
      } else if (!t.is(".minnctapersm") && !t.is(".maxnreg")) {
        throw Refused(t.line, "'" + t.text + "' is not implemented");
      }
    }
  }

  TokenReader in_;
  const PlaceVariable &place_;
  std::unique_ptr<Program> program_ = std::make_unique<Program>();
  Addresses shared_;
  uint32_t shared_bytes_ = 0;
};

}  // namespace

std::unique_ptr<Program> parse(const std::string &text, const PlaceVariable &place) {
  return Parser(text, place).program();
}

}  // namespace kilnsim
