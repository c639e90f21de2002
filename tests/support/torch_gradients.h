// PyTorch's gradients of normalizations: cases of tests/data/torch/<operator>_backward.json.
#pragma once

#include <cstring>

#include "support/torch_data.h"

namespace kiln::test {

struct TorchGradient {
  std::string name;
  Operation operation;  // the operator's, whose gradient it is
  Extents shape;
  std::vector<float> grad_output, input;
  // By float64; empty where PyTorch has none.
  std::vector<double> grad_input, grad_weight, grad_bias;
  // What PyTorch's sums may lose, of a result's magnitude.
  double tolerance;
};

// 16 digits for each float64.
inline std::vector<double> read_doubles(const nlohmann::json &outputs, const char *name) {
  std::vector<double> values;
  if (!outputs.contains(name)) return values;
  const std::string hex = outputs.at(name);
  for (size_t i = 0; i < hex.size(); i += 16) {
    const uint64_t bits = std::stoull(hex.substr(i, 16), nullptr, 16);
    values.push_back(0);
    std::memcpy(&values.back(), &bits, sizeof bits);
  }
  return values;
}

// Of the operator; none where there is no file.
inline std::vector<TorchGradient> torch_gradients(const std::string &op) {
  std::vector<TorchGradient> all;
  const nlohmann::json file = read_torch(op + "_backward");
  if (!file.is_object()) return all;
  for (const nlohmann::json &c : file.at("cases")) {
    const TorchValues input = read_values(c.at("inputs").at("input"));
    const nlohmann::json &outputs = c.at("outputs");
    all.push_back({c.at("name"), read_operation(op, c), input.shape, read_values(c.at("inputs").at("grad_output")).data,
                   input.data, read_doubles(outputs, "grad_input"), read_doubles(outputs, "grad_weight"),
                   read_doubles(outputs, "grad_bias"), c.at("tolerance")});
  }
  return all;
}

}  // namespace kiln::test
