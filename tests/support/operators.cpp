#include "support/operators.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "support/array.h"

namespace kiln::test {

namespace {

// Memory of ones, in which a tensor has its elements where another one has them.
class Ones {
 public:
  explicit Ones(const DLTensor &like) : tensor_(like) {
    int64_t low = 0, high = 0, count = 1;
    for (int d = 0; d < like.ndim; ++d) count *= like.shape[d];
    for (int d = 0; count > 0 && like.strides && d < like.ndim; ++d)
      (like.strides[d] < 0 ? low : high) += (like.shape[d] - 1) * like.strides[d];
    if (!like.strides) high = count - 1;
    const Element one(like.dtype);
    memory_.resize(count > 0 ? static_cast<size_t>(high - low + 1) * one.bytes : 0);
    for (size_t at = 0; at < memory_.size(); at += one.bytes) std::memcpy(&memory_[at], &one.word, one.bytes);
    tensor_.data = count > 0 ? memory_.data() : nullptr;
    tensor_.byte_offset = count > 0 ? static_cast<uint64_t>(-low) * one.bytes : 0;
  }
  DLTensor *tensor() { return &tensor_; }

 private:
  struct Element {
    uint32_t word;
    size_t bytes;
    explicit Element(DLDataType type)
        : word(type.bits == 32          ? 0x3f800000
               : type.code == kDLBfloat ? 0x3f80
                                        : 0x3c00),
          bytes(type.bits / 8) {}
  };
  DLTensor tensor_;
  std::vector<char> memory_;
};

std::vector<ElementwiseOperator> operators_of(const std::string &family) {
  std::vector<ElementwiseOperator> found;
  for (const descriptor::Operator *row : descriptor::operators_of_family(family)) {
    found.push_back({row->name.c_str(), row, {}});
    for (const std::string &accuracy : row->accuracies)
      found.back().accuracies.push_back(accuracy == "fast" ? KILN_ACCURACY_FAST : KILN_ACCURACY_EXACT);
  }
  return found;
}

}  // namespace

kiln_status ElementwiseOperator::run(const kiln_context *context, const DLTensor *input, DLTensor *output) const {
  DLTensor *const in = const_cast<DLTensor *>(input);
  if (row->direction == "forward") {
    DLTensor *const tensors[] = {in, output};
    return row->call(context, tensors, nullptr);
  }
  Ones ones(*input);
  DLTensor *const tensors[] = {ones.tensor(), in, output};
  return row->call(context, tensors, nullptr);
}

const std::vector<ElementwiseOperator> &elementwise_operators() {
  static const std::vector<ElementwiseOperator> all = operators_of("elementwise");
  return all;
}

const std::vector<ElementwiseOperator> &elementwise_gradients() {
  static const std::vector<ElementwiseOperator> all = operators_of("elementwise_backward");
  return all;
}

const ElementwiseOperator &elementwise_operator(const std::string &name) {
  for (const auto *all : {&elementwise_operators(), &elementwise_gradients()})
    for (const ElementwiseOperator &op : *all)
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

namespace {
std::vector<OperatorOnIsa> on_each_isa(const std::vector<ElementwiseOperator> &operators) {
  std::vector<OperatorOnIsa> all;
  for (const ElementwiseOperator &op : operators)
    for (const Isa &isa : isas()) all.push_back({&op, &isa});
  return all;
}
}  // namespace

std::vector<OperatorOnIsa> gradients_and_isas() { return on_each_isa(elementwise_gradients()); }

std::vector<OperatorOnIsa> each_operator_and_isa() {
  std::vector<OperatorOnIsa> all = on_each_isa(elementwise_operators());
  for (const OperatorOnIsa &gradient : gradients_and_isas()) all.push_back(gradient);
  return all;
}

std::vector<const Isa *> each_isa() {
  std::vector<const Isa *> all;
  for (const Isa &isa : isas()) all.push_back(&isa);
  return all;
}

namespace {
std::vector<const ElementwiseOperator *> pointers_to(const std::vector<ElementwiseOperator> &operators) {
  std::vector<const ElementwiseOperator *> all;
  for (const ElementwiseOperator &op : operators) all.push_back(&op);
  return all;
}
}  // namespace

std::vector<const ElementwiseOperator *> each_operator() { return pointers_to(elementwise_operators()); }
std::vector<const ElementwiseOperator *> each_gradient() { return pointers_to(elementwise_gradients()); }

}  // namespace kiln::test
