#include "support/expectations.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "oracle/rms_norm.h"
#include "support/argument_samples.h"
#include "support/for_oracles.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

using oracle::WithStatistics;

oracle::ChannelParameters parameters(const Operation &n) {
  return {data(n.values("running_mean")), data(n.values("running_var")), data(n.values("weight")),
          data(n.values("bias"))};
}

WithStatistics without_magnitudes(const std::vector<double> &values) {
  WithStatistics results;
  for (double value : values) results.output.push_back({value, 0});
  return results;
}

bool always(const Operation &) { return true; }

double ulps_of_normalize(const Operation &n) {
  const double p = n["p"].real, magnitude = std::fabs(p);
  if (p == 1 || p == 2 || p == 0 || std::isinf(p)) return 4;
  if (magnitude >= 0.5 && magnitude <= 16) return 8;
  return 8 * std::fmax(magnitude, 1 / magnitude);
}

double ulps_of_response(const Operation &n) {
  const double beta = n["beta"].real;
  if (beta == 0.5 || beta == 0.75 || beta == 1) return 4;
  return beta > 0 && beta <= 4 ? 8 : 8 * std::fmax(1, std::fabs(beta));
}

bool normalizes_by_sample(const Operation &n) {
  const Extents &dim = n["dim"].integers;
  return !dim.empty() && dim[0] != 0;
}

Operation rms_norm(const Extents &normalized_shape) {
  Operation n("rms_norm");
  n["normalized_shape"] = normalized_shape;
  return n;
}

std::vector<Operation> rms_norm_samples(const Extents &shape) {
  Operation weighted = rms_norm({shape.begin() + 1, shape.end()});
  weighted.values("weight") = normal_values(dense(weighted.extents()).count(), 501, 1, 0.5);
  weighted["eps"] = 1e-6;
  return {weighted, rms_norm({shape.end() - 1, shape.end()})};
}

// 0 and 4 of each channel: mean 2, variance 4. With eps 5 they are -2/3 and 2/3.
WorkedExample batch_norm_example() {
  Operation n("batch_norm", {3, -6}, {10, 20});
  n.of_batch(true);
  n["eps"] = 5;
  return {n, {2, 2, 1}, {0, 4, 4, 0}, {8, 16, 12, 24}};
}

// The same of each sample's channel.
WorkedExample instance_norm_example() {
  Operation n("instance_norm", {3, -6}, {10, 20});
  n["eps"] = 5;
  return {n, {1, 2, 2}, {0, 4, 4, 0}, {8, 12, 16, 24}};
}

// One group of two channels: 0, 4, 4 and 0, as above.
WorkedExample group_norm_example() {
  Operation n("group_norm", {3, -6}, {10, 20});
  n["num_groups"] = 1, n["eps"] = 5;
  return {n, {1, 2, 2}, {0, 4, 4, 0}, {8, 12, 16, 24}};
}

// 1 and 3: mean 2, variance 1. With eps 3 they are -1/2 and 1/2.
WorkedExample layer_norm_example() { return {layer_norm({2}, {2, 4}, {10, 20}, 3), {1, 2}, {1, 3}, {9, 22}}; }

// 1 and 7: mean square 25. With eps 11 they are 1/6 and 7/6.
WorkedExample rms_norm_example() {
  Operation n = rms_norm({2});
  n.values("weight") = {12, 6};
  n["eps"] = 11;
  return {n, {1, 2}, {1, 7}, {2, 7}};
}

// Windows of the channel and the one before: 1 + 6 * 4 / 2 = 13 and 1 + 6 * (4 + 12.25) / 2 = 49.75; of beta 1.
WorkedExample local_response_norm_example() {
  Operation n("local_response_norm");
  n["size"] = 2, n["alpha"] = 6, n["beta"] = 1;
  return {n, {1, 2, 1}, {2, -3.5f}, {2 / 13.0, -3.5 / 49.75}};
}

// The root of 9 + 16 is 5.
WorkedExample normalize_example() { return {Operation("normalize"), {1, 2}, {3, -4}, {0.6, -0.8}}; }

WithStatistics elementwise_oracle(const Operation &operation, const Extents &shape, const float *inputs) {
  const oracle::ElementwiseOracle &oracle = oracle::elementwise_oracle(operation.row().name.c_str());
  WithStatistics results;
  for (int64_t i = 0; i < dense(shape).count(); ++i) results.output.push_back({oracle.value(inputs[i]), 0});
  return results;
}

std::vector<Operation> gradient_samples(const std::string &op, const Extents &shape) {
  Operation gradient(op);
  gradient.values("input") = mixed_values(dense(shape).count(), 507);
  return {gradient};
}

WithStatistics gradient_oracle(const Operation &operation, const Extents &shape, const float *grad_output) {
  const oracle::ElementwiseOracle &oracle = oracle::elementwise_oracle(operation.row().name.c_str());
  WithStatistics results;
  for (int64_t i = 0; i < dense(shape).count(); ++i)
    results.output.push_back({oracle::gradient(oracle, grad_output[i], operation.values("input")[i]), 0});
  return results;
}

const std::vector<Expectation> &normalization_expectations() {
  static const std::vector<Expectation> all = {
      {"batch_norm", batch_norm_samples,
       [](const Operation &n, const Extents &shape, const float *x) {
         return oracle::batch_norm(x, volume(shape), parameters(n), n.of_batch(), n["momentum"].real, n["eps"].real);
       },
       nullptr, [](const Operation &n) { return !n.of_batch(); }, batch_norm_example},
      {"group_norm", group_norm_samples,
       [](const Operation &n, const Extents &shape, const float *x) {
         return WithStatistics{oracle::group_norm(x, volume(shape), n["num_groups"].integer, data(n.values("weight")),
                                                  data(n.values("bias")), n["eps"].real),
                               {},
                               {}};
       },
       nullptr, always, group_norm_example},
      {"instance_norm", instance_norm_samples,
       [](const Operation &n, const Extents &shape, const float *x) {
         return oracle::instance_norm(x, volume(shape), parameters(n), n.of_batch(), n["momentum"].real, n["eps"].real);
       },
       nullptr, [](const Operation &n) { return !n.updates(); }, instance_norm_example},
      {"layer_norm", layer_norm_samples,
       [](const Operation &n, const Extents &shape, const float *x) {
         const int64_t length = dense(n.extents()).count();
         return WithStatistics{oracle::layer_norm(x, length == 0 ? 0 : dense(shape).count() / length, length,
                                                  data(n.values("weight")), data(n.values("bias")), n["eps"].real),
                               {},
                               {}};
       },
       nullptr, always, layer_norm_example},
      {"rms_norm", rms_norm_samples,
       [](const Operation &n, const Extents &shape, const float *x) {
         const int64_t length = dense(n.extents()).count();
         return without_magnitudes(oracle::rms_norm(x, length == 0 ? 0 : dense(shape).count() / length, length,
                                                    data(n.values("weight")), n["eps"].real));
       },
       [](const Operation &) { return 4.0; }, always, rms_norm_example},
      {"local_response_norm", local_response_norm_samples,
       [](const Operation &n, const Extents &shape, const float *x) {
         return without_magnitudes(oracle::local_response_norm(x, volume(shape), n["size"].integer, n["alpha"].real,
                                                               n["beta"].real, n["k"].real));
       },
       ulps_of_response, always, local_response_norm_example},
      {"normalize", normalize_samples,
       [](const Operation &n, const Extents &shape, const float *x) {
         return without_magnitudes(oracle::normalize(x, shape, n["p"].real, n["dim"].integers, n["eps"].real));
       },
       ulps_of_normalize, normalizes_by_sample, normalize_example},
  };
  return all;
}

double ulps_of_elementwise(const Operation &n) {
  return oracle::exact_bound(oracle::elementwise_oracle(n.row().name.c_str()));
}

// Every elementwise operator's: it has no arguments, and its oracle does not link if it is not there.
const Expectation kElementwise = {"", nullptr, elementwise_oracle, ulps_of_elementwise, always};
const Expectation kGradient = {"", nullptr, gradient_oracle, ulps_of_elementwise, always};

}  // namespace

const Expectation *find_expectation(const std::string &op) {
  const descriptor::Operator &row = descriptor::operator_named(op);
  if (row.elementwise()) return row.direction == "backward" ? &kGradient : &kElementwise;
  for (const Expectation &expectation : normalization_expectations())
    if (op == expectation.op) return &expectation;
  return nullptr;
}

const Expectation &expectation_of(const std::string &op) {
  if (const Expectation *found = find_expectation(op)) return *found;
  std::fprintf(stderr, "tests/support/expectations.cpp has no samples, oracle and bound of %s\n", op.c_str());
  std::abort();
}

const std::vector<std::string> &all_operators() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const descriptor::Operator &op : descriptor::operators())
      if (op.direction == "forward") all.push_back(op.name);
    return all;
  }();
  return names;
}

std::vector<std::string> operators_and_gradients() {
  std::vector<std::string> all = all_operators();
  for (const ElementwiseOperator &gradient : elementwise_gradients()) all.push_back(gradient.name);
  return all;
}

std::vector<std::string> operators_and_one_gradient() {
  std::vector<std::string> all = all_operators();
  if (!elementwise_gradients().empty()) all.push_back(elementwise_gradients().front().name);
  return all;
}

const std::vector<std::string> &normalizations() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const descriptor::Operator &op : descriptor::operators())
      if (!op.elementwise() && op.direction == "forward") all.push_back(op.name);
    return all;
  }();
  return names;
}

std::vector<std::string> operators_of_family(const std::string &family) {
  std::vector<std::string> names;
  for (const descriptor::Operator *op : descriptor::operators_of_family(family)) names.push_back(op->name);
  return names;
}

std::vector<std::string> operators_with_statistics() {
  std::vector<std::string> names;
  for (const std::string &op : normalizations())
    if (Operation(op).has_statistics()) names.push_back(op);
  return names;
}

std::vector<Operation> samples_of(const std::string &op, const Extents &shape) {
  const Expectation &expectation = expectation_of(op);
  if (&expectation == &kGradient) return gradient_samples(op, shape);
  return expectation.samples ? expectation.samples(shape) : std::vector<Operation>{Operation(op)};
}

namespace {
std::vector<Operation> samples_of_each(const std::vector<std::string> &ops, const Extents &shape) {
  std::vector<Operation> all;
  for (const std::string &op : ops)
    for (Operation &operation : samples_of(op, shape)) all.push_back(std::move(operation));
  return all;
}
}  // namespace

std::vector<Operation> all_samples(const Extents &shape) { return samples_of_each(all_operators(), shape); }

std::vector<Operation> normalization_samples(const Extents &shape) { return samples_of_each(normalizations(), shape); }

std::string update_command(const std::string &op) { return "run scripts/update_references.sh " + op; }

oracle::WithStatistics oracle_of(const Operation &operation, const Extents &shape, const std::vector<float> &inputs) {
  return expectation_of(operation.name()).oracle(operation, shape, inputs.data());
}

}  // namespace kiln::test
