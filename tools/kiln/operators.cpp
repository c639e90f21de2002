#include "operators.h"

namespace kiln::tool {
namespace {

using PointwiseFunction = void (*)(const View &, const View &, const Context *);

template <PointwiseFunction kFunction>
class Pointwise : public Arguments {
  void call(const View &input, const View &output, const Context &context) override {
    kFunction(input, output, &context);
  }
};

template <PointwiseFunction kFunction>
std::unique_ptr<Arguments> make_pointwise() {
  return std::make_unique<Pointwise<kFunction>>();
}

}  // namespace

const std::vector<Operator> &operators() {
  static const std::vector<Operator> table = {
#define KILN_POINTWISE(name, accuracies, formula) {#name, "pointwise", formula, make_pointwise<kiln::name>},
#define KILN_NORMALIZATION(name, stages, formula) {#name, "normalization", formula, make_##name},
#include <kiln/operators.def>
  };
  return table;
}

std::vector<std::string> operator_names() {
  std::vector<std::string> names;
  for (const Operator &op : operators()) names.emplace_back(op.name);
  return names;
}

const Operator *find_operator(const std::string &name) {
  for (const Operator &op : operators())
    if (name == op.name) return &op;
  return nullptr;
}

}  // namespace kiln::tool
