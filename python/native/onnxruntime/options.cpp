#include "options.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "operators.h"

namespace kiln::onnx {

namespace {

Failure refused(const std::string &name, const std::string &value, const std::string &expected) {
  return Failure(ort::kInvalidArgument, "Kiln: option " + name + ": expected " + expected + ", got \"" + value + "\"");
}

std::string lower(std::string text) {
  for (char &c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::vector<std::string> words_of(const std::string &text) {
  std::vector<std::string> words;
  for (size_t begin = 0; begin < text.size();) {
    const size_t comma = std::min(text.find(',', begin), text.size());
    const size_t first = text.find_first_not_of(' ', begin);
    if (first < comma) words.push_back(text.substr(first, text.find_last_not_of(' ', comma - 1) + 1 - first));
    begin = comma + 1;
  }
  return words;
}

int threads_of(const std::string &value) {
  char *end = nullptr;
  const long number = std::strtol(value.c_str(), &end, 10);
  if (value.empty() || *end != '\0' || number < 0 || number > 1000000) throw refused("threads", value, "0 or more");
  return static_cast<int>(number);
}

}  // namespace

Options::Options(const Api &api, const char *provider, const ort::SessionOptions *session, Context &context) {
  ort::KeyValuePairs *entries = nullptr;
  api.expect(ort::api::get_session_options_config_entries, session, &entries);
  const auto release = [&](ort::KeyValuePairs *pairs) { api.call(ort::api::release_key_value_pairs, pairs); };
  const std::unique_ptr<ort::KeyValuePairs, decltype(release)> owner(entries, release);
  const char *const *keys = nullptr, *const *values = nullptr;
  size_t count = 0;
  api.call(ort::api::get_key_value_pairs, static_cast<const ort::KeyValuePairs *>(entries), &keys, &values, &count);
  const std::string prefix = "ep." + lower(provider) + ".";
  for (size_t i = 0; i < count; i++)
    if (std::strncmp(keys[i], prefix.c_str(), prefix.size()) == 0) set(keys[i] + prefix.size(), values[i], context);
}

void Options::set(const std::string &name, const std::string &value, Context &context) {
  if (name == "accuracy") {
    if (value != "exact" && value != "fast") throw refused(name, value, "exact or fast");
    expect(kiln_context_set_accuracy(context.get(), value == "fast" ? KILN_ACCURACY_FAST : KILN_ACCURACY_EXACT));
  } else if (name == "isa") {
    if (kiln_context_set_isa(context.get(), value.c_str()) != KILN_STATUS_OK)
      throw Failure(ort::kInvalidArgument, std::string("Kiln: option ") + kiln_last_error());
  } else if (name == "threads") {
    expect(kiln_context_set_num_threads(context.get(), threads_of(value)));
  } else if (name == "fuse") {
    if (value != "0" && value != "1") throw refused(name, value, "0 or 1");
    fuse = value == "1";
  } else if (name == "operators") {
    operators = words_of(value);
    for (const std::string &op : *operators)
      if (operator_named(op) == nullptr) throw refused(name, op, "names of ONNX's operators that Kiln has");
  } else {
    throw refused(name, value, "accuracy, isa, threads, fuse or operators as its name");
  }
}

bool Options::takes(const std::string &op) const {
  return !operators || std::find(operators->begin(), operators->end(), op) != operators->end();
}

}  // namespace kiln::onnx
