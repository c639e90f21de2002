// Patterns of several nodes, as exporters write operators that their version of ONNX does not have: each becomes one
// computation of Kiln's.
#pragma once

#include "graph.h"
#include "operators.h"

namespace kiln::onnx {

struct Fusion {
  const Operator *op;                          // what it is a spelling of
  std::vector<const ort::Node *> nodes;        // all of it, the one that makes the output first
  std::vector<const ort::ValueInfo *> inputs;  // in the computation's order
  std::unique_ptr<Computation> computation;
};

// The pattern whose output this node makes, where there is one; its other values have no readers outside.
std::optional<Fusion> fusion_ending_at(const Graph &graph, const Node &last);

}  // namespace kiln::onnx
