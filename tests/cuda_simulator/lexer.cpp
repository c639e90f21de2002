#include "lexer.h"

#include <cctype>
#include <cstring>

namespace kilnsim {
namespace {

class Lexer {
 public:
  explicit Lexer(const std::string &text) : text_(text) {}

  std::vector<Token> tokens() {
    std::vector<Token> result;
    while (skip_blanks()) {
      const char c = text_[at_];
      if (word_character(at_)) {
        result.push_back({Token::word, take_word(), line_});
      } else if (c == '"') {
        result.push_back({Token::string, take_string(), line_});
      } else if (strchr("{}()[]<>,;:+-@!|=", c)) {
        result.push_back({Token::punctuation, std::string(1, c), line_});
        ++at_;
      } else {
        throw Refused(line_, "unexpected character '" + std::string(1, c) + "'");
      }
    }
    result.push_back({Token::end, "end of text", line_});
    return result;
  }

 private:
  // "::" is part of a modifier, as in .L1::evict_first; ":" ends a label.
  bool word_character(size_t i) const {
    const char c = text_[i];
    if (isalnum(static_cast<unsigned char>(c)) || (c != 0 && strchr("_$%.", c))) return true;
    if (c != ':') return false;
    return (i + 1 < text_.size() && text_[i + 1] == ':') || (i > 0 && text_[i - 1] == ':');
  }

  std::string take_word() {
    const size_t begin = at_;
    while (at_ < text_.size() && word_character(at_)) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  std::string take_string() {
    const size_t close = text_.find('"', at_ + 1);
    if (close == std::string::npos) throw Refused(line_, "a string without an end");
    std::string result = text_.substr(at_ + 1, close - at_ - 1);
    at_ = close + 1;
    return result;
  }

  bool skip_blanks() {
    while (at_ < text_.size()) {
      if (text_.compare(at_, 2, "//") == 0) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (text_.compare(at_, 2, "/*") == 0) {
        const size_t close = text_.find("*/", at_ + 2);
        if (close == std::string::npos) throw Refused(line_, "a comment without an end");
        for (; at_ < close + 2; ++at_) line_ += text_[at_] == '\n';
      } else if (isspace(static_cast<unsigned char>(text_[at_]))) {
        line_ += text_[at_++] == '\n';
      } else {
        return true;
      }
    }
    return false;
  }

  const std::string &text_;
  size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

std::vector<Token> tokenize(const std::string &text) { return Lexer(text).tokens(); }

}  // namespace kilnsim
