#include "instruction.h"

namespace kilnsim {

const InstructionTable &instructions() {
  static const InstructionTable table = [] {
    InstructionTable t;
    add_integer_instructions(t);
    add_bit_instructions(t);
    add_float_instructions(t);
    add_comparisons(t);
    add_conversions(t);
    add_warp_instructions(t);
    return t;
  }();
  return table;
}

}  // namespace kilnsim
