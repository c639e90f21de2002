// Normalizations over the last dimension, written in single operations.
#include "match.h"

namespace kiln::onnx {

namespace {

// Whether an axis is the last one of a value.
bool is_last(const Node &reader, const ort::ValueInfo *value, int64_t axis) {
  const auto shape = reader.facts(value).shape;
  return axis == -1 || (shape && axis == static_cast<int64_t>(shape->size()) - 1);
}

// Whether a value has one dimension, which is the other's last one, and its type.
bool is_of_row(const Node &reader, const ort::ValueInfo *weight, const ort::ValueInfo *x) {
  const ValueFacts of_weight = reader.facts(weight), of_x = reader.facts(x);
  return of_weight.type == of_x.type && of_weight.shape && of_x.shape && of_weight.shape->size() == 1 &&
         !of_x.shape->empty() && of_weight.shape->front() > 0 && of_weight.shape->front() == of_x.shape->back();
}

// The value of a constant that leaves match.x its shape where the two are broadcast. What is reduced over a dimension,
// as match.x is, has one at least.
std::optional<double> constant_beside_x(const Match &match, const Node &reader, const ort::ValueInfo *value) {
  const auto shape = reader.facts(match.x).shape;
  return match.graph.real(value, shape ? shape->size() : 1);
}

// x / sqrt(mean(x * x) + epsilon) over the last dimension.
struct RootMeanSquare {
  double epsilon = 0;
  int readers_of_x = 0;  // in all of it
};

// The root itself, whose x becomes match.x.
bool root_mean_square(Match &match, const Node &root, RootMeanSquare *parts) {
  const ort::ValueInfo *added = nullptr;
  const Node *sum = match.maker(root.input(0), "Add");
  const Node *mean = sum == nullptr ? nullptr : match.operand(*sum, "ReduceMean", &added);
  const auto axes = mean == nullptr ? std::nullopt : axes_of(match.graph, *mean);
  if (!axes || axes->size() != 1) return false;
  if (const Node *power = match.maker(mean->input(0), "Pow")) {
    match.x = power->input(0);
    if (constant_beside_x(match, *power, power->input(1)) != 2.0) return false;
    parts->readers_of_x = 2;
  } else if (const Node *product = match.maker(mean->input(0), "Mul")) {
    if (!match.graph.same(product->input(0), product->input(1))) return false;
    match.x = product->input(0);
    parts->readers_of_x = 3;
  } else {
    return false;
  }
  const auto epsilon = constant_beside_x(match, *sum, added);
  if (!epsilon || *epsilon < 0) return false;
  parts->epsilon = *epsilon;
  return is_last(*mean, match.x, axes->front());
}

// x / root or x * (1 / root), which `last` makes.
bool divided_by_root(Match &match, const Node &last, RootMeanSquare *parts) {
  const ort::ValueInfo *x = nullptr, *one = nullptr;
  const Node *root = nullptr;
  if (last.op_type() == "Div") {
    x = last.input(0);
    root = match.maker(last.input(1), "Sqrt");
  } else if (last.op_type() == "Mul") {
    if (const Node *inverse = match.operand(last, "Reciprocal", &x)) {
      root = match.maker(inverse->input(0), "Sqrt");
    } else if (const Node *quotient = match.operand(last, "Div", &x)) {
      one = quotient->input(0);
      root = match.maker(quotient->input(1), "Sqrt");
    }
  }
  if (root == nullptr || !root_mean_square(match, *root, parts) || !match.graph.same(match.x, x)) return false;
  return one == nullptr || constant_beside_x(match, last, one) == 1.0;
}

// Whether x is itself less its mean over the last dimension; then match.x is what the mean is of.
bool centred(Match &match, int readers) {
  const Node *difference = match.maker(match.x, "Sub", readers);
  const Node *mean = difference == nullptr ? nullptr : match.maker(difference->input(1), "ReduceMean");
  const auto axes = mean == nullptr ? std::nullopt : axes_of(match.graph, *mean);
  if (!axes || axes->size() != 1 || !match.graph.same(mean->input(0), difference->input(0))) return false;
  match.x = mean->input(0);
  return is_last(*mean, match.x, axes->front());
}

// Of rows, with a weight or NULL: by their root mean square, or, where they are centred before, by their variance.
Fusion normalization_of(Match &match, const RootMeanSquare &parts, const ort::ValueInfo *weight) {
  const GivenAttributes attributes({{"axis", -1}}, {{"epsilon", parts.epsilon}});
  Match whole = match;
  const bool of_layers = centred(whole, parts.readers_of_x);
  Match &taken = of_layers ? whole : match;
  std::vector<const ort::ValueInfo *> inputs = {taken.x};
  if (weight != nullptr) inputs.push_back(weight);
  return of_layers ? taken.done("LayerNormalization", std::move(inputs), make_layer_norm(attributes))
                   : taken.done("RMSNormalization", std::move(inputs), make_rms_norm(attributes));
}

}  // namespace

// With a weight, of one dimension, that what is normalized is multiplied by; or without.
std::optional<Fusion> row_normalization(const Graph &graph, const Node &last) {
  RootMeanSquare parts;
  if (last.op_type() == "Mul") {
    for (size_t i : {0, 1})
      for (const char *op : {"Mul", "Div"}) {
        Match match(graph, last);
        const Node *normalized = match.maker(last.input(i), op);
        if (normalized == nullptr || !divided_by_root(match, *normalized, &parts)) continue;
        const ort::ValueInfo *weight = last.input(1 - i);
        if (is_of_row(last, weight, match.x)) return normalization_of(match, parts, weight);
      }
  }
  Match match(graph, last);
  if (!divided_by_root(match, last, &parts)) return std::nullopt;
  return normalization_of(match, parts, nullptr);
}

}  // namespace kiln::onnx
