#include "text.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <stdexcept>
#include <type_traits>

namespace kiln::tool {

void fail(const std::string &message) { throw std::runtime_error(message); }

namespace {

std::string hex_escape(unsigned char byte) {
  constexpr char kDigits[] = "0123456789abcdef";
  return {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
}

// The number of bytes of the character of UTF-8 at the start of `text`, 0 where there is none.
size_t character(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const unsigned first = byte(0);
  const size_t size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  for (size_t i = 1; i < size; i++)
    if (byte(i) >> 6 != 2) return 0;
  // Longer than it need be, a surrogate, beyond the last character.
  const bool wrong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) >= 0xa0) ||
                     (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) >= 0x90);
  return wrong ? 0 : size;
}

// The number of bytes at the start of `text` that would break or garble a line, 0 for harmless ones.
size_t unprintable_prefix(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  if (character(text) == 0 || byte(0) < 0x20 || byte(0) == 0x7f) return 1;
  if (byte(0) == 0xc2 && byte(1) < 0xa0) return 2;
  if (byte(0) == 0xe2 && byte(1) == 0x80 && (byte(2) == 0xa8 || byte(2) == 0xa9)) return 3;
  return 0;
}

// The Levenshtein distance: insertions, deletions and replacements that turn a into b.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); i++) {
    size_t diagonal = row[0]++;
    for (size_t j = 0; j < b.size(); j++) {
      const size_t replaced = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string one_line(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const size_t bad = unprintable_prefix(text);
    if (bad == 0) {
      result += text.substr(0, character(text));
    } else if (text.front() == '\n') {
      result += "\\n";
    } else if (text.front() == '\t') {
      result += "\\t";
    } else {
      for (char c : text.substr(0, bad)) result += hex_escape(static_cast<unsigned char>(c));
    }
    text.remove_prefix(bad ? bad : character(text));
  }
  return result;
}

std::string shortened(const std::string &text, size_t most) {
  if (text.size() <= most) return text;
  const auto continues = [&](size_t at) { return (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80; };
  size_t head = (most - 3) * 2 / 3, tail = text.size() - (most - 3 - head);
  while (head > 0 && continues(head)) head--;
  while (tail < text.size() && continues(tail)) tail++;
  return text.substr(0, head) + "..." + text.substr(tail);
}

std::string join(const std::vector<std::string> &words, std::string_view separator) {
  std::string result;
  for (const std::string &word : words) {
    if (!result.empty()) result += separator;
    result += word;
  }
  return result;
}

std::string alternatives(const std::vector<std::string> &words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) text += (i == 0 ? "" : i + 1 < words.size() ? ", " : " or ") + words[i];
  return text;
}

std::string suggestion(std::string_view word, const std::vector<std::string> &candidates) {
  const std::string *best = nullptr;
  size_t best_distance = SIZE_MAX;
  for (const std::string &candidate : candidates) {
    const size_t distance = edit_distance(word.substr(0, 64), candidate);
    if (distance < best_distance && distance <= std::max<size_t>(1, candidate.size() / 3)) {
      best = &candidate;
      best_distance = distance;
    }
  }
  return best ? "; did you mean '" + *best + "'?" : ";";
}

std::string unknown_name(const std::string &kind, const std::string &name, const std::vector<std::string> &candidates) {
  return "unknown " + kind + " '" + name + "'" + suggestion(name, candidates) + " " + kind + "s: " + join(candidates);
}

template <typename Number>
Number parse_number(const std::string &text, const std::string &name) {
  const char *end = text.data() + text.size();
  Number value{};
  const auto [next, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || next != end)
    fail(name + ": '" + text + "', expected " + (std::is_integral_v<Number> ? "an integer" : "a real number") +
         (error == std::errc::result_out_of_range ? " that fits its type" : ""));
  return value;
}
template int parse_number(const std::string &, const std::string &);
template int64_t parse_number(const std::string &, const std::string &);
template double parse_number(const std::string &, const std::string &);

std::vector<int64_t> parse_integers(const std::string &text, const std::string &name) {
  std::vector<int64_t> values;
  const char *at = text.data(), *end = at + text.size();
  while (at != end) {
    int64_t value = 0;
    const auto [next, error] = std::from_chars(at, end, value);
    const bool separated = next == end || (*next == ',' && next + 1 != end);
    if (error != std::errc() || !separated)
      fail(name + ": '" + text + "', expected integers with commas between them, as in 5,10");
    values.push_back(value);
    at = next == end ? end : next + 1;
  }
  return values;
}

std::string tuple(const std::vector<int64_t> &values) {
  std::vector<std::string> words;
  for (int64_t value : values) words.push_back(std::to_string(value));
  return "(" + join(words) + (values.size() == 1 ? ",)" : ")");
}

std::string table(const std::vector<std::vector<std::string>> &rows, size_t right_from) {
  std::vector<size_t> widths;
  for (const auto &row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); i++) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto &row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); i++) {
      const std::string padding(widths[i] - row[i].size(), ' ');
      line += (i ? "  " : "") + (i < right_from ? row[i] + padding : padding + row[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace kiln::tool
