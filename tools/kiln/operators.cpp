#include "operators.h"

#include <algorithm>
#include <cctype>
#include <cstring>

#include "text.h"

namespace kiln::tool {
namespace {

constexpr char kLetters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";  // of a name

// Wherever `name` stands as a whole word.
void replace_word(std::string &text, const std::string &name, const std::string &word) {
  for (size_t at = 0; (at = text.find(name, at)) != std::string::npos;) {
    const size_t end = at + name.size();
    const bool begins = at == 0 || std::strchr(kLetters, text[at - 1]) == nullptr;
    const bool ends = end == text.size() || std::strchr(kLetters, text[end]) == nullptr;
    if (begins && ends) text.replace(at, name.size(), word);
    at += begins && ends ? word.size() : name.size();
  }
}

}  // namespace

std::vector<std::string> operator_names() {
  std::vector<std::string> names;
  for (const descriptor::Operator &op : descriptor::operators()) names.push_back(op.name);
  return names;
}

const descriptor::Operator *find_operator(const std::string &name) {
  for (const descriptor::Operator &op : descriptor::operators())
    if (name == op.name) return &op;
  return nullptr;
}

bool takes(const descriptor::Operator &op, const std::string &dtype) {
  return std::find(op.dtypes.begin(), op.dtypes.end(), dtype) != op.dtypes.end();
}

void expect_dtype(const descriptor::Operator &op, const std::string &dtype) {
  if (!takes(op, dtype))
    fail("--dtype: " + dtype + ", expected an element type that " + op.name + " takes: " + alternatives(op.dtypes));
}

std::string option_of(const std::string &name) {
  std::string option = "--" + name;
  std::replace(option.begin(), option.end(), '_', '-');
  return option;
}

std::string positional_of(const descriptor::Operator &op) {
  std::string word = op.tensors.front().name;
  std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return std::toupper(c); });
  return word;
}

std::map<std::string, std::string> words_of(const descriptor::Operator &op) {
  std::map<std::string, std::string> words;
  for (const descriptor::Tensor &tensor : op.tensors) words[tensor.name] = option_of(tensor.name);
  for (const descriptor::Argument &argument : op.arguments) words[argument.name] = option_of(argument.name);
  words[op.tensors.front().name] = positional_of(op);
  words[op.tensors.back().name] = "OUTPUT";
  return words;
}

std::string translate(std::string message, const std::map<std::string, std::string> &words) {
  const size_t end = message.find(": ");
  if (message.rfind("kiln_", 0) == 0 && end == message.find_first_not_of(kLetters)) message.erase(0, end + 2);
  for (const auto &[name, word] : words) {
    if (name.find('_') != std::string::npos)
      replace_word(message, name, word);
    else if (message.rfind(name + ":", 0) == 0)
      message.replace(0, name.size(), word);
  }
  return message;
}

}  // namespace kiln::tool
