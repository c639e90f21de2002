#include "instruction_check.h"

namespace {

// A register that holds so many bytes, by number.
std::string register_name(unsigned bytes, int i) {
  return (bytes == 0 ? "%p" : bytes <= 2 ? "%h" : bytes == 4 ? "%r" : "%d") + std::to_string(i);
}

std::string memory_type(unsigned bytes) { return bytes == 1 ? "u8" : "b" + std::to_string(8 * (bytes ? bytes : 4)); }

}  // namespace

// Parameters n, to, from...; address of an element: base + index * bytes.
std::string instruction_text(const std::string &instruction, OperandType to, const std::vector<OperandType> &from,
                             const std::string &immediate) {
  std::string parameters = ".param .u32 n, .param .u64 to";
  std::string body =
      "mov.u32 %r20, %ctaid.x;\nmov.u32 %r21, %ntid.x;\nmov.u32 %r22, %tid.x;\nmad.lo.s32 %r20, %r20, %r21, %r22;\n"
      "ld.param.u32 %r21, [n];\nsetp.ge.u32 %p7, %r20, %r21;\n@%p7 bra $end;\n";
  std::string operands;
  for (size_t i = 0; i < from.size(); ++i) {
    const std::string name = "from" + std::to_string(i), number = std::to_string(i + 1);
    const unsigned bytes = from[i].bytes ? from[i].bytes : 4;
    const std::string value = register_name(from[i].bytes ? from[i].bytes : 4, int(i + 1));
    parameters += ", .param .u64 " + name;
    body += "ld.param.u64 %d20, [" + name + "];\nmul.wide.u32 %d21, %r20, " + std::to_string(bytes) +
            ";\nadd.s64 %d20, %d20, %d21;\nld.global." + memory_type(bytes) + " " + value + ", [%d20];\n";
    if (from[i].bytes == 0) body += "setp.ne.u32 %p" + number + ", " + value + ", 0;\n";
    operands += ", " + register_name(from[i].bytes, int(i + 1));
  }
  if (!immediate.empty()) operands += ", " + immediate;
  body += instruction + " " + register_name(to.bytes, 0) + operands + ";\n";
  if (to.bytes == 0) body += "selp.u32 %r0, 1, 0, %p0;\n";
  const unsigned bytes = to.bytes ? to.bytes : 4;
  body += "ld.param.u64 %d20, [to];\nmul.wide.u32 %d21, %r20, " + std::to_string(bytes) +
          ";\nadd.s64 %d20, %d20, %d21;\nst.global." + memory_type(bytes) + " [%d20], " + register_name(bytes, 0) +
          ";\n$end:";
  return kernel_text(parameters, body);
}
