#include "graph.h"

#include <cstring>

namespace kiln::onnx {

namespace {

// A list of the ABI: its length, then its members.
template <class Owner, class Member>
std::vector<const Member *> list(const Api &api, const Owner *owner,
                                 ort::Slot<ort::Status *(const Owner *, size_t *)> count,
                                 ort::Slot<ort::Status *(const Owner *, const Member **, size_t)> members) {
  size_t size = 0;
  api.expect(count, owner, &size);
  std::vector<const Member *> all(size);
  if (size > 0) api.expect(members, owner, all.data(), size);
  return all;
}

double of_float16(uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  double value = exponent == 0 ? fraction * 0x1p-24 : (1024 + fraction) * 0x1p-25;
  for (int i = 0; i < exponent; i++) value *= 2;
  return bits & 0x8000 ? -value : value;
}

double of_float32(const char *data) {
  float value;
  std::memcpy(&value, data, sizeof value);
  return value;
}

double of_bfloat16(const char *data) {
  char wide[4] = {0, 0, data[0], data[1]};
  return of_float32(wide);
}

}  // namespace

Graph::Graph(const Api &api, const ort::Graph *graph) : api_(api) {
  for (const ort::Node *each :
       list<ort::Graph, ort::Node>(api, graph, ort::api::graph_get_num_nodes, ort::api::graph_get_nodes)) {
    const Node &node = nodes_.emplace_back(api, each);
    for (size_t i = 0; i < node.output_count(); i++)
      if (node.has_output(i)) makers_[name_of(api, node.output(i))] = &node;
    for (size_t i = 0; i < node.input_count(); i++)
      if (node.has_input(i)) readers_[name_of(api, node.input(i))]++;
    for (const ort::ValueInfo *value : list<ort::Node, ort::ValueInfo>(
             api, each, ort::api::node_get_num_implicit_inputs, ort::api::node_get_implicit_inputs))
      readers_[name_of(api, value)]++;
  }
  for (const ort::ValueInfo *value :
       list<ort::Graph, ort::ValueInfo>(api, graph, ort::api::graph_get_num_outputs, ort::api::graph_get_outputs))
    readers_[name_of(api, value)]++;
}

const Node *Graph::maker(const ort::ValueInfo *value, const char *op) const {
  if (value == nullptr) return nullptr;
  const auto found = makers_.find(name_of(api_, value));
  if (found == makers_.end()) return nullptr;
  const Node &node = *found->second;
  return node.in_onnx_domain() && node.op_type() == op ? &node : nullptr;
}

const Node *Graph::maker_for(int readers, const ort::ValueInfo *value, const char *op) const {
  const Node *node = maker(value, op);
  return node != nullptr && readers_.at(name_of(api_, value)) == readers ? node : nullptr;
}

bool Graph::same(const ort::ValueInfo *one, const ort::ValueInfo *other) const {
  return one != nullptr && other != nullptr && name_of(api_, one) == name_of(api_, other);
}

std::optional<Graph::Constant> Graph::constant(const ort::ValueInfo *value) const {
  bool is_constant = false;
  if (value == nullptr ||
      !api_.succeeds(api_.call(ort::api::value_info_is_constant_initializer, value, &is_constant)) || !is_constant)
    return std::nullopt;
  const ort::Value *tensor = nullptr;
  if (!api_.succeeds(api_.call(ort::api::value_info_get_initializer_value, value, &tensor)) || tensor == nullptr)
    return std::nullopt;
  Constant made;
  const int64_t *shape = nullptr;
  api_.expect(ort::api::get_tensor_element_type_and_shape, tensor, &made.type, &shape, &made.rank);
  api_.expect(ort::api::get_tensor_data, tensor, &made.data);
  for (size_t i = 0; i < made.rank; i++) made.count *= shape[i];
  return made;
}

std::optional<std::vector<double>> Graph::reals(const ort::ValueInfo *value) const {
  const auto given = constant(value);
  if (!given) return std::nullopt;
  const char *bytes = static_cast<const char *>(given->data);
  const ort::ElementType type = given->type;
  std::vector<double> all;
  for (int64_t i = 0; i < given->count; i++) {
    uint16_t half;
    if (type == ort::kFloat) {
      all.push_back(of_float32(bytes + 4 * i));
    } else if (type == ort::kBFloat16) {
      all.push_back(of_bfloat16(bytes + 2 * i));
    } else if (type == ort::kFloat16) {
      std::memcpy(&half, bytes + 2 * i, sizeof half);
      all.push_back(of_float16(half));
    } else {
      return std::nullopt;
    }
  }
  return all;
}

std::optional<std::vector<int64_t>> Graph::integers(const ort::ValueInfo *value) const {
  const auto given = constant(value);
  if (!given || given->type != ort::kInt64) return std::nullopt;
  std::vector<int64_t> all(given->count);
  if (given->count > 0) std::memcpy(all.data(), given->data, given->count * sizeof(int64_t));
  return all;
}

std::optional<double> Graph::real(const ort::ValueInfo *value, size_t most_dimensions) const {
  const auto given = constant(value);
  if (!given || given->count != 1 || given->rank > most_dimensions) return std::nullopt;
  const auto all = reals(value);
  return all ? std::optional<double>(all->front()) : std::nullopt;
}

}  // namespace kiln::onnx
