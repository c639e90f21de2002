#include "digests.h"

#include <descriptors.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "output_file.h"
#include "text.h"

namespace kiln::tool {
namespace {

// {"digests": {OPERATOR: {ACCURACY: {STRIDE: HEX}}}, "float16": the same of that type, ...}
constexpr char kTop[] = "digests";  // float32's

std::string key_of(const std::string &dtype) { return dtype == "float32" ? kTop : dtype; }
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
    json.at(kTop);
    for (const descriptor::Element &element : descriptor::elements()) {
      if (!json.contains(key_of(element.name))) continue;
      for (const auto &[op, accuracies] : json.at(key_of(element.name)).items())
        for (const auto &[accuracy, strides] : accuracies.items())
          for (const auto &[stride, digest] : strides.items())
            digests.set(element.name, op, accuracy, static_cast<uint32_t>(std::stoul(stride)),
                        std::stoull(digest.get<std::string>(), nullptr, 16));
    }
  } catch (const std::exception &error) {
    fail(path + ": expected a file that --write-digests wrote: " + error.what());
  }
  return digests;
}

Digests Digests::load_or_empty(const std::string &path) {
  return std::filesystem::exists(path) ? load(path) : Digests();
}

void Digests::save(const std::string &path) const {
  nlohmann::ordered_json json = {{kTop, nlohmann::ordered_json::object()}};
  for (const auto &[key, digest] : digests_) {
    const auto &[dtype, op, accuracy, stride] = key;
    json[key_of(dtype)][op][accuracy][std::to_string(stride)] = hex(digest);
  }
  write_file(path, json.dump(2) + "\n");
}

std::optional<uint64_t> Digests::find(const std::string &dtype, const std::string &op, const std::string &accuracy,
                                      uint32_t stride) const {
  const auto found = digests_.find({dtype, op, accuracy, stride});
  if (found == digests_.end()) return std::nullopt;
  return found->second;
}

void Digests::set(const std::string &dtype, const std::string &op, const std::string &accuracy, uint32_t stride,
                  uint64_t digest) {
  digests_[{dtype, op, accuracy, stride}] = digest;
}

}  // namespace kiln::tool
