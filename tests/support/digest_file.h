// A file of digests in tests/digests: those of each operator, in the table's order.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "support/every_operator.h"
#include "support/operators.h"

namespace kiln::test {

class DigestFile {
 public:
  using Json = nlohmann::ordered_json;
  explicit DigestFile(const std::string &name) : path_(std::string(KILN_TESTS_DIR "/digests/") + name) {}

  const std::string &path() const { return path_; }
  Json read() const {
    std::ifstream file(path_);
    EXPECT_TRUE(file) << path_ << " is missing";
    return file ? Json::parse(file) : Json();
  }
  // Puts the operator's digests into the file.
  void write(const std::string &op, const Json &digests) const {
    const Json before = read();
    Json after;
    for (const descriptor::Operator &row : descriptor::operators())
      if (row.name == op)
        after[row.name] = digests;
      else if (before.contains(row.name))
        after[row.name] = before.at(row.name);
    std::ofstream(path_) << after.dump(2) << "\n";
  }
  // Whether tests of this instruction set write what they find: scripts/update_references.sh has the baseline do so.
  static bool writes(const Isa &isa) { return std::getenv("KILN_TESTS_WRITE_DIGESTS") && isa.name == baseline().name; }

 private:
  std::string path_;
};

}  // namespace kiln::test
