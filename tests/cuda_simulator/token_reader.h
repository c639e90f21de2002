// A place in the tokens of a PTX text.
#pragma once

#include "lexer.h"

namespace kilnsim {

class TokenReader {
 public:
  explicit TokenReader(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  const Token &peek(size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  int line() const { return peek().line; }
  bool at_end() const { return peek().kind == Token::end; }

  Token next() {
    Token t = peek();
    if (t.kind != Token::end) ++at_;
    return t;
  }

  bool take(const char *text) {
    if (!peek().is(text)) return false;
    ++at_;
    return true;
  }

  void expect(const char *text) {
    if (!take(text)) throw Refused(line(), "expected '" + std::string(text) + "', found '" + peek().text + "'");
  }

  std::string word(const char *what) {
    if (peek().kind != Token::word)
      throw Refused(line(), "expected " + std::string(what) + ", found '" + peek().text + "'");
    return next().text;
  }

  void skip_past(const char *text) {
    while (!take(text)) {
      if (at_end()) throw Refused(line(), "expected '" + std::string(text) + "', found the end of the text");
      ++at_;
    }
  }

  uint64_t integer(const char *what) {
    const bool negative = take("-");
    const Token t = next();
    size_t used = 0;
    unsigned long long value = 0;
    const bool binary = t.text.compare(0, 2, "0b") == 0 || t.text.compare(0, 2, "0B") == 0;
    try {
      value = binary ? std::stoull(t.text.substr(2), &used, 2) : std::stoull(t.text, &used, 0);
    } catch (const std::logic_error &) {
      throw Refused(t.line, "expected " + std::string(what) + ", found '" + t.text + "'");
    }
    used += binary ? 2 : 0;
    if (used < t.text.size() && t.text[used] == 'U') ++used;
    if (used != t.text.size()) throw Refused(t.line, "'" + t.text + "' is not " + what);
    return negative ? 0 - uint64_t(value) : uint64_t(value);
  }

 private:
  std::vector<Token> tokens_;
  size_t at_ = 0;
};

}  // namespace kilnsim
