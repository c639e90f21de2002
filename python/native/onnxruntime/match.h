// What patterns are matched with.
#pragma once

#include <cstring>
#include <initializer_list>
#include <utility>

#include "fusion.h"

namespace kiln::onnx {

// Attributes that a pattern has in other places.
class GivenAttributes : public Attributes {
 public:
  using Integers = std::initializer_list<std::pair<const char *, int64_t>>;
  using Reals = std::initializer_list<std::pair<const char *, double>>;
  explicit GivenAttributes(Integers integers, Reals reals = {}) : integers_(integers), reals_(reals) {}

  int64_t integer(const char *name, int64_t otherwise) const override { return find(integers_, name, otherwise); }
  float real(const char *name, float otherwise) const override {
    return static_cast<float>(find(reals_, name, static_cast<double>(otherwise)));
  }

 private:
  template <class T>
  static T find(const std::vector<std::pair<const char *, T>> &all, const char *name, T otherwise) {
    for (const auto &[given, value] : all)
      if (std::strcmp(given, name) == 0) return value;
    return otherwise;
  }

  std::vector<std::pair<const char *, int64_t>> integers_;
  std::vector<std::pair<const char *, double>> reals_;
};

// A pattern that is being matched.
class Match {
 public:
  Match(const Graph &graph, const Node &last) : graph(graph) { take(&last); }

  const Graph &graph;
  std::vector<const ort::Node *> nodes;
  const ort::ValueInfo *x = nullptr;

  const Node *take(const Node *node) {
    if (node != nullptr) nodes.push_back(node->get());
    return node;
  }
  // The node of this operator that makes a value for nobody else, who reads it so often; it is taken.
  const Node *maker(const ort::ValueInfo *value, const char *op, int readers = 1) {
    return take(graph.maker_for(readers, value, op));
  }
  // Of a node with two inputs, the one that such a node makes, and which of its inputs is the other.
  const Node *operand(const Node &node, const char *op, const ort::ValueInfo **other) {
    for (size_t i : {0, 1})
      if (const Node *made = maker(node.input(i), op)) {
        *other = node.input(1 - i);
        return made;
      }
    return nullptr;
  }

  Fusion done(const char *op, std::vector<const ort::ValueInfo *> inputs, std::unique_ptr<Computation> computation) {
    return {operator_named(op), std::move(nodes), std::move(inputs), std::move(computation)};
  }
};

// The axes of a reduction that keeps its dimensions: an attribute, or, in later versions, an input.
inline std::optional<std::vector<int64_t>> axes_of(const Graph &graph, const Node &reduction) {
  if (reduction.integer("keepdims", 1) != 1) return std::nullopt;
  return reduction.has_input(1) ? graph.integers(reduction.input(1)) : reduction.integers("axes");
}

// row_fusion.cpp: LayerNormalization and RMSNormalization.
std::optional<Fusion> row_normalization(const Graph &graph, const Node &last);

}  // namespace kiln::onnx
