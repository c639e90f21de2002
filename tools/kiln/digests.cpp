#include "digests.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "output_file.h"
#include "text.h"

namespace kiln::tool {
namespace {

// {"digests": {OPERATOR: {ACCURACY: {STRIDE: HEX}}}}
constexpr char kTop[] = "digests";
}  // namespace

std::string hex(uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

Digests Digests::load(const std::string &path) {
  std::ifstream in(path);
  if (!in) fail(path + ": cannot read");
  Digests digests;
  try {
    const nlohmann::json json = nlohmann::json::parse(in);  // outlives the iteration over its parts
    for (const auto &[op, accuracies] : json.at(kTop).items())
      for (const auto &[accuracy, strides] : accuracies.items())
        for (const auto &[stride, digest] : strides.items())
          digests.set(op, accuracy, static_cast<uint32_t>(std::stoul(stride)),
                      std::stoull(digest.get<std::string>(), nullptr, 16));
  } catch (const std::exception &error) {
    fail(path + ": expected a file of digests: " + error.what());
  }
  return digests;
}

Digests Digests::load_or_empty(const std::string &path) {
  return std::filesystem::exists(path) ? load(path) : Digests();
}

void Digests::save(const std::string &path) const {
  nlohmann::ordered_json json;
  for (const auto &[key, digest] : digests_) {
    const auto &[op, accuracy, stride] = key;
    json[kTop][op][accuracy][std::to_string(stride)] = hex(digest);
  }
  write_file(path, json.dump(2) + "\n");
}

std::optional<uint64_t> Digests::find(const std::string &op, const std::string &accuracy, uint32_t stride) const {
  const auto found = digests_.find({op, accuracy, stride});
  if (found == digests_.end()) return std::nullopt;
  return found->second;
}

void Digests::set(const std::string &op, const std::string &accuracy, uint32_t stride, uint64_t digest) {
  digests_[{op, accuracy, stride}] = digest;
}

}  // namespace kiln::tool
