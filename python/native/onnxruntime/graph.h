// A graph's nodes by the values that they make, for patterns of several nodes.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>

#include "node.h"

namespace kiln::onnx {

class Graph {
 public:
  Graph(const Api &api, const ort::Graph *graph);

  const std::deque<Node> &nodes() const { return nodes_; }
  // The node of ONNX's domain, and of this operator, that makes a value; NULL where there is none.
  const Node *maker(const ort::ValueInfo *value, const char *op) const;
  // The same where the value is read so often alone; being an output of the graph counts, too.
  const Node *maker_for(int readers, const ort::ValueInfo *value, const char *op) const;
  bool same(const ort::ValueInfo *one, const ort::ValueInfo *other) const;

  // The values of a constant, as doubles or integers; none where it is no constant of float32, types of 16 bits, int64.
  std::optional<std::vector<double>> reals(const ort::ValueInfo *value) const;
  std::optional<std::vector<int64_t>> integers(const ort::ValueInfo *value) const;
  // The one value of a constant that has a single one, and no more dimensions than this: a value that is broadcast with
  // it gets those that it lacks.
  std::optional<double> real(const ort::ValueInfo *value, size_t most_dimensions) const;

 private:
  struct Constant {
    const void *data = nullptr;
    ort::ElementType type = ort::kUndefined;
    size_t rank = 0;
    int64_t count = 1;  // of its values
  };
  // None of a value that is no constant.
  std::optional<Constant> constant(const ort::ValueInfo *value) const;

  const Api &api_;
  std::deque<Node> nodes_;
  std::unordered_map<std::string, const Node *> makers_;
  std::unordered_map<std::string, int> readers_;  // of a value, a graph's outputs counted, too
};

}  // namespace kiln::onnx
