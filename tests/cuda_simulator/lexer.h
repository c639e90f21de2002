// PTX text as tokens.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace kilnsim {

// An image that is refused; what() begins with "line N: ".
struct Refused : std::runtime_error {
  Refused(int line, const std::string &text) : std::runtime_error("line " + std::to_string(line) + ": " + text) {}
};

// A word holds an instruction with its modifiers (ld.global.v4.b32), a directive (.reg), a register, a name or a
// number.
struct Token {
  enum Kind { word, punctuation, string, end } kind;
  std::string text;
  int line;
  bool is(const char *t) const { return kind != string && text == t; }
};

std::vector<Token> tokenize(const std::string &text);

}  // namespace kilnsim
