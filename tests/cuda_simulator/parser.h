// PTX text to a program.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "lexer.h"
#include "program.h"

namespace kilnsim {

// Device memory for a variable of the module.
using PlaceVariable = std::function<uint64_t(const Variable &)>;

// Throws Refused, or TargetTooNew where the text asks for a later GPU than the simulated one.
std::unique_ptr<Program> parse(const std::string &text, const PlaceVariable &place);

struct TargetTooNew : Refused {
  using Refused::Refused;
};

// Compute capability 8.0.
constexpr int kCapability = 80;

}  // namespace kilnsim
