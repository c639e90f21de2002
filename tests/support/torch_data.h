// Cases of tests/data/torch, as scripts/make_torch_reference.py writes them.
#pragma once

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/operation.h"

namespace kiln::test {

// Of an operator or a gradient; null where there is no file.
inline nlohmann::json read_torch(const std::string &op) {
  std::ifstream file(std::string(KILN_TESTS_DIR "/data/torch/") + op + ".json");
  return file ? nlohmann::json::parse(file) : nlohmann::json();
}

struct TorchValues {
  Extents shape;
  std::vector<float> data;
};

inline TorchValues read_values(const nlohmann::json &tensor) {
  TorchValues values{tensor.at("shape").get<Extents>(), {}};
  const std::string hex = tensor.at("data");
  for (size_t i = 0; i < hex.size(); i += 8)
    values.data.push_back(from_bits(std::stoul(hex.substr(i, 8), nullptr, 16)));
  return values;
}

// Infinities and NaN are strings.
inline double read_number(const nlohmann::json &value) {
  return value.is_string() ? std::strtod(value.get<std::string>().c_str(), nullptr) : value.get<double>();
}

// The arguments and parameters of a case, which bear PyTorch's names and are at its defaults in the table too.
inline Operation read_operation(const std::string &op, const nlohmann::json &test_case) {
  Operation operation(op);
  for (const auto &[name, value] : test_case.at("arguments").items()) {
    ArgumentValue &argument = operation[name];
    if (value.is_boolean())
      argument = value.get<bool>();
    else if (value.is_null())
      argument.integers.clear();  // of dims: all; other arguments are at their defaults, which None stands for
    else if (value.is_array())
      argument = value.get<Extents>();
    else if (value.is_number_integer())
      argument = value.get<int64_t>(), argument = Extents{value.get<int64_t>()};
    else
      argument = read_number(value);
  }
  for (const std::string &name : operation.parameters())
    if (test_case.at("inputs").contains(name))
      operation.values(name) = read_values(test_case.at("inputs").at(name)).data;
  return operation;
}

}  // namespace kiln::test
