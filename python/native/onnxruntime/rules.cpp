#include "rules.h"

#include <cmath>
#include <cstdio>
#include <initializer_list>

namespace kiln::onnx::rules {

namespace {

std::string says(const char *name, double value, const char *expected) {
  char text[128];
  snprintf(text, sizeof text, "%s is %.9g, expected %s", name, value, expected);
  return text;
}

// Parameters and statistics from `first` on: of the input's type or float32, as Kiln takes them.
std::string objection_to_types(const Node &node, size_t first) {
  const ort::ElementType type = node.type(node.input(0));
  for (size_t i = first; i < node.input_count(); i++) {
    if (!node.has_input(i)) continue;
    const ort::ElementType other = node.type(node.input(i));
    if (other != type && other != ort::kFloat)
      return "input " + std::to_string(i) + " is of another type than input 0, and not float32";
  }
  return "";
}

// The precision of the statistics: Kiln's is float32, or better.
std::string objection_to_stash_type(const Node &node) {
  const int64_t type = node.integer("stash_type", ort::kFloat);
  return type == ort::kFloat ? "" : says("stash_type", static_cast<double>(type), "1, float32");
}

// Scale and bias of rows may have any shape that broadcasts to the input's. Kiln takes those that are the same for
// every row, which has to be seen before it runs: by as many extents as a row has, at most.
std::string objection_to_broadcast(const Node &node) {
  const auto shape = node.facts(node.input(0)).shape;
  int64_t axis = node.integer("axis", -1);
  if (axis >= 0) {
    if (!shape) return "the input's rank is not known";
    axis -= static_cast<int64_t>(shape->size());
  }
  for (size_t i = 1; i < node.input_count(); i++) {
    if (!node.has_input(i)) continue;
    const auto parameter = node.facts(node.input(i)).shape;
    if (!parameter) return "the rank of input " + std::to_string(i) + " is not known";
    if (static_cast<int64_t>(parameter->size()) > -axis)
      return "input " + std::to_string(i) + " has more dimensions than are normalized";
  }
  return "";
}

std::string first_of(std::initializer_list<std::string> objections) {
  for (const std::string &objection : objections)
    if (!objection.empty()) return objection;
  return "";
}

}  // namespace

std::string hardsigmoid_objection(const Node &node) {
  // A sixth, or the seven digits of it that exporters write: 3.5e-8 away, and at most 1.1e-7 in what they make of it.
  const float alpha = node.real("alpha", 0.2f), beta = node.real("beta", 0.5f);
  if (!(std::fabs(alpha - 1.0 / 6) <= 5e-8)) return says("alpha", alpha, "1/6");
  return beta == 0.5f ? "" : says("beta", beta, "0.5");
}

std::string swish_objection(const Node &node) {
  const float alpha = node.real("alpha", 1);
  return alpha == 1 ? "" : says("alpha", alpha, "1");
}

std::string batch_norm_objection(const Node &node) {
  const auto shape = node.facts(node.input(0)).shape;
  if (shape && shape->size() < 2) return "the input has no dimension of channels";
  if (node.integer("spatial", 1) != 1) return "spatial is 0";
  if (node.integer("training_mode", 0) != 0) {
    if (!(node.real("epsilon", 1e-5f) > 0)) return "epsilon is 0 in training";
    for (size_t i : {1, 2})
      if (node.has_output(i) && node.type(node.output(i)) != ort::kFloat) return "running statistics are not float32";
  } else {
    // Before version 14, further outputs said that it trains.
    for (size_t i = 1; i < 5; i++)
      if (node.has_output(i)) return "output " + std::to_string(i) + " is asked for";
  }
  return objection_to_types(node, 1);
}

std::string group_norm_objection(const Node &node) {
  return first_of({objection_to_stash_type(node), objection_to_types(node, 1)});
}

std::string instance_norm_objection(const Node &node) { return objection_to_types(node, 1); }

std::string layer_norm_objection(const Node &node) {
  return first_of({objection_to_stash_type(node), objection_to_types(node, 1), objection_to_broadcast(node)});
}

std::string rms_norm_objection(const Node &node) {
  if (node.type(node.output(0)) != node.type(node.input(0))) return "the output is of another type than the input";
  return first_of({objection_to_stash_type(node), objection_to_types(node, 1), objection_to_broadcast(node)});
}

}  // namespace kiln::onnx::rules
