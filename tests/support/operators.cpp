#include "support/operators.h"

#include <cstring>

#include "support/array.h"

namespace kiln::test {

const std::vector<PointwiseOperator> &pointwise_operators() {
  const auto list = [](const char *accuracies) {
    std::vector<kiln_accuracy> all = {KILN_ACCURACY_EXACT};
    if (std::strstr(accuracies, "fast")) all.push_back(KILN_ACCURACY_FAST);
    return all;
  };
  static const std::vector<PointwiseOperator> table = {
#define KILN_POINTWISE(name, accuracies, formula) {#name, kiln_##name, list(accuracies)},
#include <kiln/operators.def>
  };
  return table;
}

const std::vector<Isa> &isas() {
  static const std::vector<Isa> all = [] {
    std::vector<Isa> found;
    kiln_kernel_info info;
    for (int64_t i = 0; kiln_kernel_at(i, &info) == KILN_STATUS_OK; ++i) {
      if (std::strcmp(info.device, "cpu") != 0) continue;
      bool known = false;
      for (const Isa &isa : found) known |= isa.name == info.isa;
      if (!known) found.push_back({info.isa, info.runs_here != 0});
    }
    return found;
  }();
  return all;
}

const Isa &baseline() { return isas().back(); }

const char *name_of(kiln_accuracy accuracy) { return accuracy == KILN_ACCURACY_EXACT ? "exact" : "fast"; }

std::vector<float> run_dense(const PointwiseOperator &op, const kiln_context *context,
                             const std::vector<float> &inputs) {
  const Layout layout = dense({static_cast<int64_t>(inputs.size())});
  std::vector<float> outputs(inputs.size());
  const DLTensor input = tensor_on(const_cast<float *>(inputs.data()), layout);
  DLTensor output = tensor_on(outputs.data(), layout);
  EXPECT_TRUE(succeeded(op.run(context, &input, &output))) << op.name;
  return outputs;
}

std::vector<float> reference_bits(const PointwiseOperator &op, kiln_accuracy accuracy,
                                  const std::vector<float> &inputs) {
  Context context;
  context.isa(baseline().name).threads(1).accuracy(accuracy);
  return run_dense(op, context, inputs);
}

std::vector<OperatorOnIsa> each_operator_and_isa() {
  std::vector<OperatorOnIsa> all;
  for (const PointwiseOperator &op : pointwise_operators())
    for (const Isa &isa : isas()) all.push_back({&op, &isa});
  return all;
}

std::vector<const Isa *> each_isa() {
  std::vector<const Isa *> all;
  for (const Isa &isa : isas()) all.push_back(&isa);
  return all;
}

std::vector<const PointwiseOperator *> each_operator() {
  std::vector<const PointwiseOperator *> all;
  for (const PointwiseOperator &op : pointwise_operators()) all.push_back(&op);
  return all;
}

}  // namespace kiln::test
