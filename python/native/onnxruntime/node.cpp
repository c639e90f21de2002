#include "node.h"

namespace kiln::onnx {

int64_t KernelAttributes::integer(const char *name, int64_t otherwise) const {
  int64_t value = 0;
  return api_.succeeds(api_.call(ort::api::kernel_info_get_attribute_int64, info_, name, &value)) ? value : otherwise;
}

float KernelAttributes::real(const char *name, float otherwise) const {
  float value = 0;
  return api_.succeeds(api_.call(ort::api::kernel_info_get_attribute_float, info_, name, &value)) ? value : otherwise;
}

namespace {

using Count = ort::Slot<ort::Status *(const ort::Node *, size_t *)>;
using List = ort::Slot<ort::Status *(const ort::Node *, const ort::ValueInfo **, size_t)>;

std::vector<const ort::ValueInfo *> values(const Api &api, const ort::Node *node, Count count, List list) {
  size_t size = 0;
  api.expect(count, node, &size);
  std::vector<const ort::ValueInfo *> all(size);
  if (size > 0) api.expect(list, node, all.data(), size);
  for (auto &value : all)
    if (value != nullptr && name_of(api, value).empty()) value = nullptr;
  return all;
}

}  // namespace

std::string name_of(const Api &api, const ort::ValueInfo *value) {
  const char *name = nullptr;
  api.expect(ort::api::get_value_info_name, value, &name);
  return name;
}

Node::Node(const Api &api, const ort::Node *node)
    : api_(api),
      node_(node),
      inputs_(values(api, node, ort::api::node_get_num_inputs, ort::api::node_get_inputs)),
      outputs_(values(api, node, ort::api::node_get_num_outputs, ort::api::node_get_outputs)) {}

std::string Node::text(ort::Slot<ort::Status *(const ort::Node *, const char **)> slot) const {
  const char *text = nullptr;
  api_.expect(slot, node_, &text);
  return text;
}

bool Node::in_onnx_domain() const {
  const std::string domain = text(ort::api::node_get_domain);
  return domain.empty() || domain == "ai.onnx";
}

template <class T>
bool Node::read(const char *name, ort::AttributeType type, T *value) const {
  const ort::OpAttribute *attribute = nullptr;
  size_t size = 0;
  return api_.succeeds(api_.call(ort::api::node_get_attribute_by_name, node_, name, &attribute)) &&
         attribute != nullptr &&
         api_.succeeds(api_.call(ort::api::read_op_attribute, attribute, type, value, sizeof *value, &size));
}

int64_t Node::integer(const char *name, int64_t otherwise) const {
  int64_t value = 0;
  return read(name, ort::kIntegerAttribute, &value) ? value : otherwise;
}

float Node::real(const char *name, float otherwise) const {
  float value = 0;
  return read(name, ort::kRealAttribute, &value) ? value : otherwise;
}

std::optional<std::vector<int64_t>> Node::integers(const char *name) const {
  const ort::OpAttribute *attribute = nullptr;
  size_t bytes = 0;
  if (!api_.succeeds(api_.call(ort::api::node_get_attribute_by_name, node_, name, &attribute)) || attribute == nullptr)
    return std::nullopt;
  api_.succeeds(api_.call(ort::api::read_op_attribute, attribute, ort::kIntegersAttribute, nullptr, 0, &bytes));
  std::vector<int64_t> all(bytes / sizeof(int64_t));
  api_.expect(ort::api::read_op_attribute, attribute, ort::kIntegersAttribute, all.data(), bytes, &bytes);
  return all;
}

ValueFacts Node::facts(const ort::ValueInfo *value) const {
  ValueFacts facts;
  if (value == nullptr) return facts;
  const ort::TypeInfo *type = nullptr;
  const ort::TensorInfo *tensor = nullptr;
  api_.expect(ort::api::get_value_info_type_info, value, &type);
  if (type != nullptr) api_.expect(ort::api::cast_type_info_to_tensor_info, type, &tensor);
  if (tensor == nullptr) return facts;
  api_.expect(ort::api::get_tensor_element_type, tensor, &facts.type);
  if (!api_.call(ort::api::tensor_info_has_shape, tensor)) return facts;
  size_t rank = 0;
  api_.expect(ort::api::get_dimensions_count, tensor, &rank);
  facts.shape.emplace(rank);
  if (rank > 0) api_.expect(ort::api::get_dimensions, tensor, facts.shape->data(), rank);
  return facts;
}

}  // namespace kiln::onnx
