#include "support/operators.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "support/array.h"

namespace kiln::test {

kiln_status ElementwiseOperator::run(const kiln_context *context, const DLTensor *input, DLTensor *output) const {
  DLTensor *const tensors[] = {const_cast<DLTensor *>(input), output};
  return row->call(context, tensors, nullptr);
}

const std::vector<ElementwiseOperator> &elementwise_operators() {
  static const std::vector<ElementwiseOperator> all = [] {
    std::vector<ElementwiseOperator> found;
    for (const descriptor::Operator &row : descriptor::operators()) {
      if (row.family != "elementwise") continue;
      found.push_back({row.name.c_str(), &row, {}});
      for (const std::string &accuracy : row.accuracies)
        found.back().accuracies.push_back(accuracy == "fast" ? KILN_ACCURACY_FAST : KILN_ACCURACY_EXACT);
    }
    return found;
  }();
  return all;
}

const ElementwiseOperator &elementwise_operator(const std::string &name) {
  for (const ElementwiseOperator &op : elementwise_operators())
    if (name == op.name) return op;
  std::fprintf(stderr, "operators.toml has no elementwise operator %s\n", name.c_str());
  std::abort();
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

std::vector<float> run_dense(const ElementwiseOperator &op, const kiln_context *context,
                             const std::vector<float> &inputs) {
  const Layout layout = dense({static_cast<int64_t>(inputs.size())});
  std::vector<float> outputs(inputs.size());
  const DLTensor input = tensor_on(const_cast<float *>(inputs.data()), layout);
  DLTensor output = tensor_on(outputs.data(), layout);
  EXPECT_TRUE(succeeded(op.run(context, &input, &output))) << op.name;
  return outputs;
}

std::vector<float> reference_bits(const ElementwiseOperator &op, kiln_accuracy accuracy,
                                  const std::vector<float> &inputs) {
  Context context;
  context.isa(baseline().name).threads(1).accuracy(accuracy);
  return run_dense(op, context, inputs);
}

std::vector<OperatorOnIsa> each_operator_and_isa() {
  std::vector<OperatorOnIsa> all;
  for (const ElementwiseOperator &op : elementwise_operators())
    for (const Isa &isa : isas()) all.push_back({&op, &isa});
  return all;
}

std::vector<const Isa *> each_isa() {
  std::vector<const Isa *> all;
  for (const Isa &isa : isas()) all.push_back(&isa);
  return all;
}

std::vector<const ElementwiseOperator *> each_operator() {
  std::vector<const ElementwiseOperator *> all;
  for (const ElementwiseOperator &op : elementwise_operators()) all.push_back(&op);
  return all;
}

}  // namespace kiln::test
