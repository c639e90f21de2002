#include "descriptors.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace kiln::descriptor {
namespace {

template <class Named>
int place_of(const std::vector<Named> &all, const std::string &name) {
  const auto at = std::find_if(all.begin(), all.end(), [&](const Named &one) { return one.name == name; });
  return at == all.end() ? -1 : static_cast<int>(at - all.begin());
}

template <class Named>
int place_or_abort(const std::vector<Named> &all, const std::string &name, const std::string &what,
                   const char *table = "operators.toml") {
  const int place = place_of(all, name);
  if (place >= 0) return place;
  std::fprintf(stderr, "%s has no %s '%s'\n", table, what.c_str(), name.c_str());
  std::abort();
}

}  // namespace

const char *name_of(Type type) {
  switch (type) {
    case Type::boolean:
      return "boolean";
    case Type::integer:
      return "integer";
    case Type::real:
      return "real";
    case Type::extents:
      return "extents";
    case Type::dims:
      return "dims";
  }
  return "unknown";
}

int Operator::tensor(const std::string &wanted) const { return place_or_abort(tensors, wanted, name + "'s tensor"); }
int Operator::argument(const std::string &wanted) const {
  return place_or_abort(arguments, wanted, name + "'s argument");
}
bool Operator::has_argument(const std::string &wanted) const { return place_of(arguments, wanted) >= 0; }
bool Operator::has_accuracy(const std::string &accuracy) const {
  return std::find(accuracies.begin(), accuracies.end(), accuracy) != accuracies.end();
}

const std::vector<Element> &elements() {
  static const std::vector<Element> all = {
#define KILN_ELEMENT(name, code, bits, forms, device_forms) {#name, {code, bits, 1}},
#include "../../elements.def"
  };
  return all;
}

const Element &element_named(const std::string &name) {
  return elements()[static_cast<size_t>(place_or_abort(elements(), name, "element type", "elements.def"))];
}

const Operator &operator_named(const std::string &name) {
  return operators()[place_or_abort(operators(), name, "operator")];
}

std::vector<const Operator *> operators_of_family(const std::string &family) {
  std::vector<const Operator *> found;
  for (const Operator &op : operators())
    if (op.family == family) found.push_back(&op);
  return found;
}

std::vector<int64_t> shape_of(const Operator &op, const Tensor &tensor, const std::vector<int64_t> &input,
                              const std::vector<Value> &values) {
  std::vector<int64_t> extents;
  int64_t groups = 1;
  for (size_t i = 0; i < values.size(); ++i) {
    const auto &list = values[i].integers;
    if (op.arguments[i].type == Type::extents && list.data) extents.assign(list.data, list.data + list.count);
    if (op.arguments[i].allowed == Allowed::divisor_of_channels) groups = values[i].integer;
  }
  const auto extent = [&](size_t d) { return d < input.size() ? input[d] : 1; };
  const size_t outer = input.size() - std::min(input.size(), extents.size());
  switch (tensor.shape) {
    case Shape::channels:
      return {extent(1)};
    case Shape::normalized_shape:
      return extents;
    case Shape::rows:
      return {input.begin(), input.begin() + static_cast<std::ptrdiff_t>(outer)};
    case Shape::groups:
      return {extent(0), groups};
    case Shape::planes:
      return {extent(0), extent(1)};
    default:
      return input;
  }
}

std::vector<Value> default_values(const Operator &op) {
  std::vector<Value> values(op.arguments.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const Argument &argument = op.arguments[i];
    if (argument.type == Type::real)
      values[i].real = argument.real;
    else if (argument.type == Type::boolean || argument.type == Type::integer)
      values[i].integer = argument.integer;
    else
      values[i].integers = {argument.integers.data(), static_cast<int>(argument.integers.size())};
  }
  return values;
}

}  // namespace kiln::descriptor
