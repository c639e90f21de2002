#include "support/gradients.h"

#include "support/digests.h"
#include "support/expectations.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::test {

using descriptor::Role;

const std::vector<std::string> &normalization_gradients() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const descriptor::Operator &op : descriptor::operators())
      if (!op.elementwise() && op.direction == "backward") all.push_back(op.name);
    return all;
  }();
  return names;
}

std::vector<std::string> gradients_with_statistics() {
  std::vector<std::string> names;
  for (const std::string &op : normalization_gradients())
    if (Operation(op).has("rstd")) names.push_back(op);
  return names;
}

Operation gradient_of(const Operation &forward) {
  Operation gradient(forward.name() + "_backward");
  for (const descriptor::Argument &argument : gradient.row().arguments)
    gradient[argument.name] = forward[argument.name];
  for (const std::string &name : gradient.tensors(Role::parameter)) gradient.values(name) = forward.values(name);
  return gradient;
}

std::vector<Operation> gradient_operations(const std::string &op, const Extents &shape) {
  std::vector<Operation> all;
  for (const Operation &forward : samples_of(descriptor::operator_named(op).forward, shape))
    all.push_back(gradient_of(forward));
  if (op == "layer_norm_backward") {  // whose samples have no weight
    all.push_back(all.front());
    all.back().values("weight") = normal_values(dense(all.back().extents()).count(), 501, 1, 0.5);
  }
  return all;
}

std::string show(const GradientSample &sample) { return show(sample.operation) + ", shape " + show(sample.shape); }

std::vector<GradientSample> gradient_samples(const std::string &op, const Extents &shape, uint64_t seed) {
  std::vector<GradientSample> all;
  const int64_t count = dense(shape).count();
  const std::vector<Operation> operations = gradient_operations(op, shape);
  const size_t step = count > 50000 ? (operations.size() + 3) / 4 : 1;
  for (size_t i = 0; i < operations.size(); i += step) {
    const Operation &operation = operations[i];
    all.push_back({operation, shape, normal_values(count, seed, 0.3, 1), normal_values(count, seed + 1, -0.5, 2)});
    seed += 2;
  }
  return all;
}

std::vector<Extents> gradient_shapes(const std::string &op) {
  const std::string &family = descriptor::operator_named(op).family;
  if (family == "row_norm_backward") return {{3, 1}, {7, 5}, {65, 17}, {9, 768}, {2, 5000}, {201, 17}, {2, 3, 4, 5}};
  if (family == "normalize_backward") return {{3, 1}, {9, 17}, {201, 5}, {2, 5000}, {3, 8, 7, 7}, {2, 70, 3}};
  return {{9, 6, 1, 1}, {2, 8, 7, 7}, {1, 4, 31, 31}, {65, 4, 3}, {201, 6, 1}, {3, 32, 7, 7}, {2, 2, 5000}};
}

::testing::AssertionResult same_bits(const GradientBits &expected, const GradientBits &actual) {
  for (const auto &[name, bits] : actual) {
    const auto found = expected.find(name);
    if (found == expected.end()) return ::testing::AssertionFailure() << name << " was not expected";
    if (found->second.size() != bits.size())
      return ::testing::AssertionFailure()
             << name << ": " << found->second.size() << " values expected, " << bits.size() << " came";
    for (size_t i = 0; i < bits.size(); ++i)
      if (found->second[i] != bits[i])
        return ::testing::AssertionFailure()
               << name << " at " << i << ": expected " << hex(found->second[i]) << ", got " << hex(bits[i]);
  }
  return ::testing::AssertionSuccess();
}

GradientBits run_gradient(const kiln_context *context, const GradientSample &sample, const GradientForm &form,
                          bool with_statistics) {
  GradientCall call(sample, form);
  if (with_statistics) call.give_statistics(context);
  EXPECT_TRUE(succeeded(call.run(context))) << show(sample) << ", " << form.name;
  EXPECT_TRUE(call.only_results_written()) << show(sample) << ", " << form.name;
  return call.results();
}

GradientBits reference_gradients(const GradientSample &sample) {
  Context context;
  context.isa(baseline().name).threads(1);
  return run_gradient(context, sample);
}

std::map<std::string, std::vector<float>> statistics_of(const kiln_context *context, const Operation &gradient,
                                                        const Extents &shape, const std::vector<float> &input,
                                                        const ElementType *type, const ElementType *parameters) {
  Operation n(gradient.row().forward + "_with_statistics");
  for (const descriptor::Argument &argument : gradient.row().arguments) n[argument.name] = gradient[argument.name];
  TypedArray from(type, dense(shape), input), to(type, dense(shape));
  std::map<std::string, TypedArray> arrays;
  std::map<std::string, DLTensor> tensors = {{"input", from.tensor()}, {"output", to.tensor()}};
  const auto add = [&](const std::string &name, TypedArray array) {
    tensors[name] = arrays.emplace(name, std::move(array)).first->second.tensor();
  };
  for (const std::string &name : gradient.tensors(Role::parameter))
    if (const std::vector<float> &values = gradient.values(name); !values.empty())
      add(name, TypedArray(parameters, dense(n.shape_of(name, shape)), values));
  const std::vector<std::string> statistics =
      by_running_statistics(gradient) ? std::vector<std::string>() : gradient.tensors(Role::moment);
  for (const std::string &name : statistics) add(name, TypedArray(nullptr, dense(n.shape_of(name, shape))));
  Tensors passed;
  for (const auto &[name, tensor] : tensors) passed[name] = &tensor;
  EXPECT_TRUE(succeeded(call(context, n, passed))) << show(n) << ", shape " << show(shape);
  std::map<std::string, std::vector<float>> results;
  for (const std::string &name : statistics)
    for (uint32_t bits : arrays.at(name).bits()) results[name].push_back(from_bits(bits));
  for (uint32_t bits : to.bits())
    results["output"].push_back(type ? static_cast<float>(type->value_of(static_cast<uint16_t>(bits)))
                                     : from_bits(bits));
  return results;
}

}  // namespace kiln::test
