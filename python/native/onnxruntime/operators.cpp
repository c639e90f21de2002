#include "operators.h"

#include <algorithm>

#include "rules.h"

namespace kiln::onnx {

namespace {

class Elementwise : public Computation {
 public:
  explicit Elementwise(ElementwiseFunction function) : function_(function) {}
  void run(const Call &call) const override {
    Tensor x = call.input(0), y = call.output(0, x);
    expect(function_(call.context(), x.get(), y.get()));
  }

 private:
  ElementwiseFunction function_;
};

template <ElementwiseFunction function>
constexpr Rule rule(const rules::Elementwise &rule) {
  return {rule.first, rule.last, rule.objection, [](const Attributes &) { return elementwise(function); }};
}

// The table's element types by ONNX's numbers.
constexpr ort::ElementType float32 = ort::kFloat, float16 = ort::kFloat16, bfloat16 = ort::kBFloat16;

}  // namespace

std::unique_ptr<Computation> elementwise(ElementwiseFunction function) {
  return std::make_unique<Elementwise>(function);
}

const std::vector<Operator> &operators() {
  static const std::vector<Operator> all = {
      {rules::kSimplifiedLayerNormalization, {float32, float16, bfloat16}, rules::simplified_layer_norm},
#define KILN_ONNX_ELEMENTWISE(name, onnx, ...) {onnx, {__VA_ARGS__}, rule<kiln_##name>(rules::name)},
#define KILN_ONNX_NORMALIZATION(name, onnx, ...) {onnx, {__VA_ARGS__}, rules::name},
#include "onnx_operators.inc"
  };
  return all;
}

const Operator *operator_named(const std::string &name) {
  const auto &all = operators();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Operator &op) { return op.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace kiln::onnx
