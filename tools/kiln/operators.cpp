#include "operators.h"

#include <algorithm>
#include <regex>

namespace kiln::tool {

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

std::string option_of(const std::string &name) {
  std::string option = "--" + name;
  std::replace(option.begin(), option.end(), '_', '-');
  return option;
}

std::map<std::string, std::string> words_of(const descriptor::Operator &op) {
  std::map<std::string, std::string> words;
  for (const descriptor::Tensor &tensor : op.tensors) words[tensor.name] = option_of(tensor.name);
  for (const descriptor::Argument &argument : op.arguments) words[argument.name] = option_of(argument.name);
  words[op.tensors.front().name] = "INPUT";
  words[op.tensors.back().name] = "OUTPUT";
  return words;
}

std::string translate(std::string message, const std::map<std::string, std::string> &words) {
  message = std::regex_replace(message, std::regex("^kiln_[a-z0-9_]+: "), "");
  for (const auto &[name, word] : words) {
    const bool english = name.find('_') == std::string::npos;
    message = std::regex_replace(message, std::regex(english ? "^" + name + "(?=:)" : "\\b" + name + "\\b"), word);
  }
  return message;
}

}  // namespace kiln::tool
