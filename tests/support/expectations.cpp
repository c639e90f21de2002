#include "support/expectations.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "support/inputs.h"

namespace kiln::test {
namespace {

using oracle::WithStatistics;

const float *data(const std::vector<float> &values) { return values.empty() ? nullptr : values.data(); }

// (N, C, *) with the spatial dimensions as one.
oracle::Volume volume(const Extents &shape) {
  return {shape.at(0), shape.at(1), dense({shape.begin() + 2, shape.end()}).count()};
}

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

// Sets what the operator has of these: weight, bias, running statistics, an eps and a momentum that are no defaults.
Operation with_all(const std::string &op, int64_t channels) {
  Operation n(op);
  n.values("weight") = normal_values(channels, 501, 1, 0.5);
  n.values("bias") = normal_values(channels, 502);
  n["eps"] = 1e-3;
  if (!n.has_statistics()) return n;
  n.values("running_mean") = normal_values(channels, 503);
  for (float value : normal_values(channels, 504)) n.values("running_var").push_back(value * value + 0.1f);
  n["momentum"] = 0.3;
  n.of_batch(false);
  return n;
}

// By the statistics given, by the batch's with everything, and with nothing; where `values` of a channel are more
// than 1.
std::vector<Operation> statistics_samples(const std::string &op, const Extents &shape, int64_t values) {
  std::vector<Operation> all = {with_all(op, shape[1])};
  if (values <= 1) return all;
  all.push_back(all[0]);
  all.push_back(Operation(op));
  for (size_t k : {1, 2}) all[k].of_batch(true);
  return all;
}
std::vector<Operation> batch_norm_samples(const Extents &shape) {
  return statistics_samples("batch_norm", shape, shape[0] * volume(shape).space);
}
std::vector<Operation> instance_norm_samples(const Extents &shape) {
  return statistics_samples("instance_norm", shape, volume(shape).space);
}

std::vector<Operation> group_norm_samples(const Extents &shape) {
  std::vector<Operation> all;
  const int64_t channels = shape[1];
  for (int64_t groups = 1; groups <= channels; groups *= 2) {
    if (channels % groups != 0 || (shape[0] == 1 && channels * volume(shape).space <= groups)) continue;
    all.push_back(groups == 2 ? Operation("group_norm") : with_all("group_norm", channels));
    all.back()["num_groups"] = groups;
  }
  return all;
}

std::vector<Operation> layer_norm_samples(const Extents &shape) {
  return {layer_norm({shape.begin() + 1, shape.end()}), layer_norm({shape.end() - 1, shape.end()})};
}

std::vector<Operation> local_response_norm_samples(const Extents &shape) {
  if (shape.size() < 3) return {};
  std::vector<Operation> all(3, Operation("local_response_norm"));
  all[0]["size"] = 5;
  all[1]["size"] = 4, all[1]["alpha"] = 0.3, all[1]["beta"] = 0.5, all[1]["k"] = 2;
  all[2]["size"] = 2, all[2]["alpha"] = 1, all[2]["beta"] = 1.3;
  return all;
}

std::vector<Operation> normalize_samples(const Extents &shape) {
  std::vector<Operation> all;
  const auto add = [&](double p, const Extents &dim) {
    Operation n("normalize");
    n["p"] = p, n["dim"] = dim, n["eps"] = 1e-5;
    all.push_back(n);
  };
  const int64_t last = static_cast<int64_t>(shape.size()) - 1;
  for (double p : {2.0, 1.0, 0.0, 3.3, -1.5, static_cast<double>(INFINITY), -static_cast<double>(INFINITY)})
    add(p, {1});
  for (const Extents &dim : {Extents{}, Extents{0}, Extents{last}, Extents{1, -1}, Extents{0, last}})
    if (shape.size() > 2 || dim.size() < 2)
      for (double p : {2.0, 1.5}) add(p, dim);
  return all;
}

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

WithStatistics elementwise_oracle(const Operation &operation, const Extents &shape, const float *inputs) {
  const oracle::ElementwiseOracle &oracle = oracle::elementwise_oracle(operation.row().name.c_str());
  WithStatistics results;
  for (int64_t i = 0; i < dense(shape).count(); ++i) results.output.push_back({oracle.value(inputs[i]), 0});
  return results;
}

const std::vector<Expectation> &normalization_expectations() {
  static const std::vector<Expectation> all = {
      {"batch_norm", batch_norm_samples,
       [](const Operation &n, const Extents &shape, const float *x) {
         return oracle::batch_norm(x, volume(shape), parameters(n), n.of_batch(), n["momentum"].real, n["eps"].real);
       },
       nullptr, [](const Operation &n) { return !n.of_batch(); }},
      {"group_norm", group_norm_samples,
       [](const Operation &n, const Extents &shape, const float *x) {
         return WithStatistics{oracle::group_norm(x, volume(shape), n["num_groups"].integer, data(n.values("weight")),
                                                  data(n.values("bias")), n["eps"].real),
                               {},
                               {}};
       },
       nullptr, always},
      {"instance_norm", instance_norm_samples,
       [](const Operation &n, const Extents &shape, const float *x) {
         return oracle::instance_norm(x, volume(shape), parameters(n), n.of_batch(), n["momentum"].real, n["eps"].real);
       },
       nullptr, [](const Operation &n) { return !n.updates(); }},
      {"layer_norm", layer_norm_samples,
       [](const Operation &n, const Extents &shape, const float *x) {
         const int64_t length = dense(n["normalized_shape"].integers).count();
         return WithStatistics{oracle::layer_norm(x, length == 0 ? 0 : dense(shape).count() / length, length,
                                                  data(n.values("weight")), data(n.values("bias")), n["eps"].real),
                               {},
                               {}};
       },
       nullptr, always},
      {"local_response_norm", local_response_norm_samples,
       [](const Operation &n, const Extents &shape, const float *x) {
         return without_magnitudes(oracle::local_response_norm(x, volume(shape), n["size"].integer, n["alpha"].real,
                                                               n["beta"].real, n["k"].real));
       },
       ulps_of_response, always},
      {"normalize", normalize_samples,
       [](const Operation &n, const Extents &shape, const float *x) {
         return without_magnitudes(oracle::normalize(x, shape, n["p"].real, n["dim"].integers, n["eps"].real));
       },
       ulps_of_normalize, normalizes_by_sample},
  };
  return all;
}

// Every elementwise operator's: it has no arguments, and its oracle does not link if it is not there.
const Expectation kElementwise = {"", nullptr, elementwise_oracle, [](const Operation &) { return 1.0; }, always};

}  // namespace

const Expectation *find_expectation(const std::string &op) {
  if (descriptor::operator_named(op).family == "elementwise") return &kElementwise;
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
    for (const descriptor::Operator &op : descriptor::operators()) all.push_back(op.name);
    return all;
  }();
  return names;
}

const std::vector<std::string> &normalizations() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const descriptor::Operator &op : descriptor::operators())
      if (op.family != "elementwise") all.push_back(op.name);
    return all;
  }();
  return names;
}

std::vector<Operation> samples_of(const std::string &op, const Extents &shape) {
  const Expectation &expectation = expectation_of(op);
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
