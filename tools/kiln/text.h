// Text for people: messages that stay on one line, names that were nearly right, aligned tables.
#ifndef KILN_TOOLS_TEXT_H
#define KILN_TOOLS_TEXT_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::tool {

// What ends the tool with `kiln: error: ...` and exit code 2.
[[noreturn]] void fail(const std::string &message);

// The text with every control character and line separator (ASCII's, C1's, U+2028, U+2029), and every byte that is not
// UTF-8, written as an escape.
std::string one_line(std::string_view text);

// At most `most` bytes of UTF-8, which are more than 5: what is longer has "..." in place of its middle.
std::string shortened(const std::string &text, size_t most);

std::string join(const std::vector<std::string> &words, std::string_view separator = ", ");

// "float32, float16 or bfloat16".
std::string alternatives(const std::vector<std::string> &words);

// "; did you mean 'sigmoid'?" where a candidate is at most a third of its letters away from `word`, else ";".
std::string suggestion(std::string_view word, const std::vector<std::string> &candidates);

// "unknown operator 'sigmod'; did you mean 'sigmoid'? operators: ..."
std::string unknown_name(const std::string &kind, const std::string &name, const std::vector<std::string> &candidates);

// "3" or "1e-5" as int or double, of which nothing may be left over; `name` begins the message of what it throws.
template <typename Number>
Number parse_number(const std::string &text, const std::string &name);

// "5,10" as {5, 10}, "" as {}.
std::vector<int64_t> parse_integers(const std::string &text, const std::string &name);

// (2, 5, 10), (3,), (): as Python writes a tuple.
std::string tuple(const std::vector<int64_t> &values);

// Rows as aligned columns two spaces apart; the columns from number `right_from` on are aligned to the right.
std::string table(const std::vector<std::vector<std::string>> &rows, size_t right_from = SIZE_MAX);

}  // namespace kiln::tool
#endif
