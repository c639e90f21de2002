#include "fusion.h"

#include <algorithm>

#include "match.h"

namespace kiln::onnx {

namespace {

// x * f(g(x)): Swish, Mish.
std::optional<Fusion> gated(const Graph &graph, const Node &last, const char *op,
                            std::initializer_list<const char *> chain) {
  if (last.op_type() != "Mul") return std::nullopt;
  for (size_t i : {0, 1}) {
    Match match(graph, last);
    const ort::ValueInfo *x = last.input(1 - i), *value = last.input(i);
    for (const char *link : chain) {
      const Node *node = value == nullptr ? nullptr : match.maker(value, link);
      value = node == nullptr ? nullptr : node->input(0);
    }
    if (graph.same(value, x)) return match.done(op, {x}, operator_named(op)->rule.make(GivenAttributes({})));
  }
  return std::nullopt;
}

std::optional<Fusion> swish(const Graph &graph, const Node &last) { return gated(graph, last, "Swish", {"Sigmoid"}); }

std::optional<Fusion> mish(const Graph &graph, const Node &last) {
  return gated(graph, last, "Mish", {"Tanh", "Softplus"});
}

// Whether a value is the shape of another: computed from it, in which case that node is the pattern's, or a constant.
bool is_shape_of(Match &match, const Node &reader, const ort::ValueInfo *shape, const ort::ValueInfo *of) {
  if (const Node *node = match.graph.maker(shape, "Shape")) {
    const bool whole = node->integer("start", 0) == 0 && node->integer("end", INT64_MAX) == INT64_MAX;
    if (!whole || !match.graph.same(node->input(0), of)) return false;
    return match.maker(shape, "Shape") != nullptr;
  }
  const auto extents = match.graph.integers(shape);
  const auto known = reader.facts(of).shape;
  return extents && known && *extents == *known;
}

// x / max(norm(x), epsilon), as PyTorch's normalize is exported.
std::optional<Fusion> lp_normalization(const Graph &graph, const Node &last) {
  if (last.op_type() != "Div") return std::nullopt;
  Match match(graph, last);
  const ort::ValueInfo *x = last.input(0), *bounded = last.input(1);
  if (const Node *expand = match.maker(bounded, "Expand")) {
    if (!is_shape_of(match, *expand, expand->input(1), x)) return std::nullopt;
    bounded = expand->input(0);
  }
  const Node *clip = match.maker(bounded, "Clip");
  if (clip == nullptr || clip->has_input(2)) return std::nullopt;
  const auto epsilon = graph.real(clip->input(1), 1);
  for (int p : {1, 2}) {
    const Node *norm = match.maker(clip->input(0), p == 1 ? "ReduceL1" : "ReduceL2");
    const auto axes = norm == nullptr ? std::nullopt : axes_of(graph, *norm);
    if (!axes || axes->size() != 1 || !epsilon || *epsilon < 0 || !graph.same(norm->input(0), x)) continue;
    return match.done("LpNormalization", {x},
                      make_normalize(GivenAttributes({{"axis", axes->front()}, {"p", p}}, {{"epsilon", *epsilon}})));
  }
  return std::nullopt;
}

bool all_are(const std::optional<std::vector<double>> &values, double expected) {
  return values && std::all_of(values->begin(), values->end(), [&](double value) { return value == expected; });
}

// (C, 1, 1...), one dimension less than the value.
bool is_per_channel(const Node &reader, const ort::ValueInfo *parameter, const ort::ValueInfo *value) {
  const auto shape = reader.facts(parameter).shape, whole = reader.facts(value).shape;
  return shape && whole && whole->size() >= 2 && shape->size() == whole->size() - 1 &&
         reader.type(parameter) == reader.type(value) && shape->front() == (*whole)[1] && shape->front() > 0 &&
         std::all_of(shape->begin() + 1, shape->end(), [](int64_t extent) { return extent == 1; });
}

// Whether each of so many groups is of whole channels; if it is known how many there are.
bool divides_channels(const Node &reader, int64_t groups, const ort::ValueInfo *value) {
  const auto shape = reader.facts(value).shape;
  return groups > 0 && shape && shape->size() >= 2 && (*shape)[1] > 0 && (*shape)[1] % groups == 0;
}

// Groups as the channels of an InstanceNormalization, as PyTorch's group_norm is exported before ONNX had it.
std::optional<Fusion> group_normalization(const Graph &graph, const Node &last) {
  if (last.op_type() != "Add") return std::nullopt;
  Match match(graph, last);
  const ort::ValueInfo *bias = nullptr, *scale = nullptr;
  const Node *product = match.operand(last, "Mul", &bias);
  const Node *back = product == nullptr ? nullptr : match.operand(*product, "Reshape", &scale);
  const Node *norm = back == nullptr ? nullptr : match.maker(back->input(0), "InstanceNormalization");
  const Node *grouped = norm == nullptr ? nullptr : match.maker(norm->input(0), "Reshape");
  if (grouped == nullptr) return std::nullopt;
  const ort::ValueInfo *x = grouped->input(0);
  const auto shape = graph.integers(grouped->input(1));
  if (!shape || shape->size() != 3 || (*shape)[0] != 0 || (*shape)[2] != -1 || grouped->integer("allowzero", 0) != 0 ||
      !all_are(graph.reals(norm->input(1)), 1) || !all_are(graph.reals(norm->input(2)), 0) ||
      !is_shape_of(match, *back, back->input(1), x) || !is_per_channel(last, scale, x) ||
      !is_per_channel(last, bias, x) || !divides_channels(last, (*shape)[1], x))
    return std::nullopt;
  const GivenAttributes attributes({{"num_groups", (*shape)[1]}}, {{"epsilon", norm->real("epsilon", 1e-5f)}});
  return match.done("GroupNormalization", {x, scale, bias}, make_group_norm(attributes));
}

bool of_its_types(const Node &node, const Fusion &fusion) {
  const auto &types = fusion.op->types;
  return std::find(types.begin(), types.end(), node.type(fusion.inputs.front())) != types.end();
}

}  // namespace

std::optional<Fusion> fusion_ending_at(const Graph &graph, const Node &last) {
  if (!last.in_onnx_domain()) return std::nullopt;
  for (const auto pattern : {swish, mish, row_normalization, lp_normalization, group_normalization}) {
    std::optional<Fusion> fusion = pattern(graph, last);
    if (fusion && of_its_types(last, *fusion)) return fusion;
  }
  return std::nullopt;
}

}  // namespace kiln::onnx
