// The header's grammar: a Python dictionary of exactly the keys descr, fortran_order and shape, in any order, with any
// white space between tokens, as numpy's writers of all times have put it. What numpy.load refuses is refused.
#include <algorithm>
#include <charconv>
#include <map>

#include "npy.h"
#include "text.h"

namespace kiln::tool {
namespace {

constexpr size_t kMostDimensions = 64;  // of a numpy.ndarray

class HeaderParser {
 public:
  HeaderParser(std::string_view text, unsigned major_version, const std::string &name)
      : text_(text), python2_(major_version < 3), name_(name) {}

  NpyHeader parse() {
    refuse_indentation();
    expect('{');
    while (!accept('}')) {
      entry();
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (at_ != text_.size()) bad("text after the dictionary");
    for (const char *key : {"descr", "fortran_order", "shape"})
      if (!seen_[key]) bad("no key '" + std::string(key) + "'");
    return header_;
  }

 private:
  [[noreturn]] void bad(const std::string &what) const { fail(name_ + ": bad .npy header: " + what); }

  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\n\r\f").find(text_[at_]) != std::string_view::npos) at_++;
  }
  // Python reads no line that is indented, but for the first one.
  void refuse_indentation() const {
    const size_t begin = std::min(text_.find_first_not_of(" \t\n\r\f"), text_.size());
    const size_t line = text_.substr(0, begin).find_last_of("\n\r");
    if (line == std::string_view::npos) return;
    const size_t indentation = text_.substr(0, begin).find_last_of("\n\r\f") + 1;
    if (indentation < begin) bad("white space at the beginning of a line before the dictionary");
  }
  bool accept(char c) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    at_++;
    return true;
  }
  void expect(char c) {
    if (accept(c)) return;
    const std::string came = at_ == text_.size() ? "its end" : "'" + std::string(1, text_[at_]) + "'";
    bad("expected '" + std::string(1, c) + "' at byte " + std::to_string(at_) + ", found " + came);
  }
  bool accept_word(std::string_view word) {
    skip_space();
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  void entry() {
    const std::string key = string();
    expect(':');
    if (seen_[key]) bad("key '" + key + "' comes twice");
    seen_[key] = true;
    if (key == "descr") {
      header_.descr = descr();
    } else if (key == "fortran_order") {
      header_.fortran_order = accept_word("True");
      if (!header_.fortran_order && !accept_word("False")) bad("fortran_order is neither True nor False");
    } else if (key == "shape") {
      header_.shape = shape();
    } else {
      bad("unknown key '" + key + "'");
    }
  }

  std::string string() {
    const char quote = accept('"') ? '"' : '\'';
    if (quote == '\'') expect('\'');
    const size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos) bad("a string without an end");
    const std::string value(text_.substr(at_, end - at_));
    if (value.find('\\') != std::string::npos) bad("a backslash in a string");
    at_ = end + 1;
    return value;
  }

  std::string descr();
  Shape shape();
  int64_t extent();

  std::string_view text_;
  bool python2_;
  std::string name_;
  size_t at_ = 0;
  std::map<std::string, bool> seen_;
  NpyHeader header_;
};

// A list describes structures.
std::string HeaderParser::descr() {
  skip_space();
  if (at_ < text_.size() && text_[at_] == '[') fail(name_ + ": elements are structures, expected numbers");
  return string();
}

Shape HeaderParser::shape() {
  Shape shape;
  expect('(');
  bool comma = true;
  while (!accept(')')) {
    if (!comma) bad("expected ',' or ')' in shape");
    shape.push_back(extent());
    comma = accept(',');
    if (shape.size() > kMostDimensions)
      bad("shape has more than " + std::to_string(kMostDimensions) + " dimensions, NumPy's limit");
  }
  if (shape.size() == 1 && !comma) bad("shape is a number in brackets, expected a tuple");
  return shape;
}

// A Python integer that is not negative; Python 2, which wrote formats 1.0 and 2.0, could put an L behind it.
int64_t HeaderParser::extent() {
  skip_space();
  const char *begin = text_.data() + at_, *end = text_.data() + text_.size();
  int64_t value = 0;
  const auto [next, error] = std::from_chars(begin, end, value);
  if (error == std::errc::result_out_of_range) bad("an extent in shape does not fit 64 bits");
  if (error != std::errc()) bad("shape has something that is no integer");
  if (*begin == '-') bad("shape has the negative extent " + std::to_string(value));
  if (*begin == '0' && next - begin > 1) bad("an extent in shape begins with 0");
  at_ += static_cast<size_t>(next - begin);
  if (at_ < text_.size() && text_[at_] == 'L' && python2_) at_++;
  return value;
}

}  // namespace

NpyHeader parse_npy_header(std::string_view text, unsigned major_version, const std::string &name) {
  return HeaderParser(text, major_version, name).parse();
}

}  // namespace kiln::tool
