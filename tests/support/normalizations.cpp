#include "support/normalizations.h"

#include <cmath>
#include <cstdlib>
#include <sstream>

#include "oracle/ulp.h"
#include "support/inputs.h"
#include "support/layer_norm.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

const float *data(const std::vector<float> &values) { return values.empty() ? nullptr : values.data(); }

// (N, C, *) with the spatial dimensions as one.
oracle::Volume volume(const Extents &shape) {
  return {shape[0], shape[1], dense({shape.begin() + 2, shape.end()}).count()};
}

oracle::WithStatistics without_statistics(std::vector<oracle::Normalized> output) {
  return {std::move(output), {}, {}};
}

oracle::WithStatistics without_magnitudes(const std::vector<double> &values) {
  oracle::WithStatistics results;
  for (double value : values) results.output.push_back({value, 0});
  return results;
}

// Each result within that many ULP.
::testing::AssertionResult within_ulps(const std::vector<oracle::Normalized> &expected,
                                       const std::vector<float> &actual, double ulps) {
  if (expected.size() != actual.size())
    return ::testing::AssertionFailure() << expected.size() << " elements expected, " << actual.size() << " came";
  for (size_t i = 0; i < expected.size(); ++i) {
    const double value = expected[i].value, error = oracle::ulp_error(actual[i], value);
    if (std::isnan(value) ? bits_of(actual[i]) == kNanBits : error <= ulps) continue;
    return ::testing::AssertionFailure() << "index " << i << ": expected " << show(static_cast<float>(value))
                                         << ", got " << show(actual[i]) << ", " << error << " ULP, where " << ulps
                                         << " are allowed";
  }
  return ::testing::AssertionSuccess();
}

double allowed_ulps_of_normalize(double p) {
  const double magnitude = std::fabs(p);
  if (p == 1 || p == 2 || p == 0 || std::isinf(p)) return 4;
  if (magnitude >= 0.5 && magnitude <= 16) return 8;
  return 8 * std::fmax(magnitude, 1 / magnitude);
}

double allowed_ulps_of_response(double beta) {
  if (beta == 0.5 || beta == 0.75 || beta == 1) return 4;
  return beta > 0 && beta <= 4 ? 8 : 8 * std::fmax(1, std::fabs(beta));
}

}  // namespace

std::string show(const Normalization &n) {
  std::ostringstream text;
  text << n.op;
  if (n.is("group_norm")) text << " in " << n.num_groups << " groups";
  if (n.is("layer_norm")) text << " over " << show(n.normalized_shape);
  if (n.has_statistics()) text << (n.batch_statistics ? ", batch's statistics" : ", given statistics");
  if (n.is("local_response_norm"))
    text << ", size " << n.size << ", alpha " << n.alpha << ", beta " << n.beta << ", k " << n.k;
  else
    text << ", eps " << n.eps;
  if (n.is("normalize")) text << ", p " << n.p << ", dim " << show(n.dim);
  if (n.updates()) text << ", momentum " << n.momentum;
  text << (n.weight.empty() ? "" : ", with weight") << (n.bias.empty() ? "" : ", with bias");
  return text.str();
}

kiln_status call(const kiln_context *context, const Normalization &n, const Tensors &t) {
  if (n.is("batch_norm"))
    return kiln_batch_norm(context, t.input, t.running_mean, t.running_var, t.weight, t.bias, n.batch_statistics,
                           n.momentum, n.eps, t.output);
  if (n.is("group_norm")) return kiln_group_norm(context, t.input, n.num_groups, t.weight, t.bias, n.eps, t.output);
  if (n.is("instance_norm"))
    return kiln_instance_norm(context, t.input, t.running_mean, t.running_var, t.weight, t.bias, n.batch_statistics,
                              n.momentum, n.eps, t.output);
  if (n.is("layer_norm"))
    return kiln_layer_norm(context, t.input, n.normalized_shape.data(), static_cast<int>(n.normalized_shape.size()),
                           t.weight, t.bias, n.eps, t.output);
  if (n.is("local_response_norm"))
    return kiln_local_response_norm(context, t.input, n.size, n.alpha, n.beta, n.k, t.output);
  if (n.is("normalize"))
    return kiln_normalize(context, t.input, n.p, n.dim.data(), static_cast<int>(n.dim.size()), n.eps, t.output);
  std::abort();
}

::testing::AssertionResult same_bits(const Results &expected, const Results &actual, const std::vector<float> &inputs) {
  if (auto same = same_bits(expected.output, actual.output, inputs); !same) return same;
  if (auto same = same_bits(expected.running_mean, actual.running_mean); !same) return same << " (running_mean)";
  if (auto same = same_bits(expected.running_var, actual.running_var); !same) return same << " (running_var)";
  return ::testing::AssertionSuccess();
}

kiln_status run(const kiln_context *context, const Normalization &n, Array &input, Array &output, Results *results) {
  const auto shape = [&](const std::vector<float> &values) {
    return n.is("layer_norm") ? n.normalized_shape : Extents{static_cast<int64_t>(values.size())};
  };
  Parameter running_mean(n.running_mean), running_var(n.running_var);
  Parameter weight(shape(n.weight), n.weight), bias(shape(n.bias), n.bias);
  const DLTensor in = input.tensor();
  DLTensor out = output.tensor();
  const kiln_status status =
      call(context, n, {&in, running_mean.get(), running_var.get(), weight.get(), bias.get(), &out});
  if (results) *results = {output.get(), running_mean.values(), running_var.values()};
  return status;
}

Results run_dense(const kiln_context *context, const Normalization &n, const Extents &shape,
                  const std::vector<float> &inputs) {
  Array input(dense(shape), inputs), output(dense(shape));
  Results results;
  EXPECT_TRUE(succeeded(run(context, n, input, output, &results))) << show(n) << ", shape " << show(shape);
  EXPECT_TRUE(output.surroundings_untouched());
  EXPECT_TRUE(same_bits(inputs, input.get())) << "the input was written";
  return results;
}

Results reference_bits(const Normalization &n, const Extents &shape, const std::vector<float> &inputs) {
  Context context;
  context.isa(baseline().name).threads(1);
  return run_dense(context, n, shape, inputs);
}

oracle::WithStatistics oracle_of(const Normalization &n, const Extents &shape, const std::vector<float> &inputs) {
  const float *x = inputs.data();
  const oracle::ChannelParameters parameters{data(n.running_mean), data(n.running_var), data(n.weight), data(n.bias)};
  if (n.is("layer_norm"))
    return without_statistics(layer_norm_oracle(inputs, {n.normalized_shape, n.weight, n.bias, n.eps}));
  if (n.is("normalize")) return without_magnitudes(oracle::normalize(x, shape, n.p, n.dim, n.eps));
  const oracle::Volume v = volume(shape);
  if (n.is("local_response_norm"))
    return without_magnitudes(oracle::local_response_norm(x, v, n.size, n.alpha, n.beta, n.k));
  if (n.is("group_norm"))
    return without_statistics(oracle::group_norm(x, v, n.num_groups, parameters.weight, parameters.bias, n.eps));
  const auto of = n.is("batch_norm") ? oracle::batch_norm : oracle::instance_norm;
  return of(x, v, parameters, n.batch_statistics, n.momentum, n.eps);
}

double allowed_ulps(const Normalization &n) {
  return n.is("normalize") ? allowed_ulps_of_normalize(n.p) : allowed_ulps_of_response(n.beta);
}

::testing::AssertionResult near_oracle(const Normalization &n, const oracle::WithStatistics &expected,
                                       const Results &actual, double tolerance, double rounded) {
  if (!n.has_affine()) return within_ulps(expected.output, actual.output, allowed_ulps(n) + rounded * 0x1p23);
  if (auto near = near_oracle(expected.output, actual.output, tolerance + rounded); !near) return near;
  if (!n.updates()) return same_bits({actual.output, n.running_mean, n.running_var}, actual);
  if (auto near = near_oracle(expected.running_mean, actual.running_mean, 1e-6 + rounded); !near)
    return near << " (running_mean)";
  if (auto near = near_oracle(expected.running_var, actual.running_var, 1e-6 + rounded); !near)
    return near << " (running_var)";
  return ::testing::AssertionSuccess();
}

void accept_nan_for_infinity(oracle::WithStatistics &expected, const Results &actual) {
  for (size_t i = 0; i < expected.output.size(); ++i)
    if (std::isinf(expected.output[i].value) && bits_of(actual.output[i]) == kNanBits)
      expected.output[i].value = std::nan("");
}

std::vector<Normalization> normalizations_of(const Extents &shape) {
  const int64_t channels = shape[1], space = volume(shape).space, per_channel = shape[0] * space;
  Normalization plain{""}, full{"", normal_values(channels, 501, 1, 0.5), normal_values(channels, 502)};
  full.running_mean = normal_values(channels, 503);
  for (float value : normal_values(channels, 504)) full.running_var.push_back(value * value + 0.1f);
  full.eps = 1e-3, full.momentum = 0.3;
  std::vector<Normalization> all;
  const auto add = [&](const char *op, Normalization n, auto change) {
    n.op = op;
    change(n);
    all.push_back(n);
  };
  const auto nothing = [](Normalization &) {};
  const auto of_batch = [](Normalization &n) { n.batch_statistics = true; };
  for (const char *op : {"batch_norm", "instance_norm"}) {
    add(op, full, nothing);
    if ((std::string(op) == "batch_norm" ? per_channel : space) <= 1) continue;
    add(op, full, of_batch);
    add(op, plain, of_batch);
  }
  for (int64_t groups = 1; groups <= channels; groups *= 2)
    if (channels % groups == 0 && (shape[0] > 1 || channels * space > groups)) {
      add("group_norm", groups == 2 ? plain : full, [&](Normalization &n) { n.num_groups = groups; });
    }
  for (size_t first : {size_t{1}, shape.size() - 1})
    add("layer_norm", plain, [&](Normalization &n) { n.normalized_shape = {shape.begin() + first, shape.end()}; });
  if (shape.size() > 2) {
    add("local_response_norm", plain, nothing);
    add("local_response_norm", plain, [](Normalization &n) { n.size = 4, n.alpha = 0.3, n.beta = 0.5, n.k = 2; });
    add("local_response_norm", plain, [](Normalization &n) { n.size = 2, n.alpha = 1, n.beta = 1.3; });
  }
  const int last = static_cast<int>(shape.size()) - 1;
  for (double p : {2.0, 1.0, 0.0, 3.3, -1.5, static_cast<double>(INFINITY), -static_cast<double>(INFINITY)})
    add("normalize", plain, [&](Normalization &n) { n.p = p; });
  for (const Extents &dim : {Extents{}, Extents{0}, Extents{last}, Extents{1, -1}, Extents{0, last}})
    if (shape.size() > 2 || dim.size() < 2)
      for (double p : {2.0, 1.5}) add("normalize", plain, [&](Normalization &n) { n.p = p, n.dim = dim; });
  return all;
}

bool by_sample(const Normalization &n) {
  if (n.is("normalize")) return !n.dim.empty() && n.dim[0] != 0;
  return !n.updates() && !(n.is("batch_norm") && n.batch_statistics);
}

std::vector<Sample> samples_of_rows(const std::string &op, const std::vector<float> &rows, int64_t length, double eps) {
  const int64_t count = static_cast<int64_t>(rows.size()) / length;
  Normalization n{op};
  n.eps = eps, n.batch_statistics = true;
  if (n.is("instance_norm")) return {{n, {1, count, length}, rows}, {n, {count, 1, length}, rows}};
  std::vector<Sample> samples;
  const int64_t root = static_cast<int64_t>(std::sqrt(static_cast<double>(length)));
  int64_t divisor = root;
  while (length % divisor != 0) --divisor;
  for (int64_t parts : {int64_t{1}, divisor, length}) {
    const int64_t space = length / parts;
    if (n.is("group_norm")) {
      n.num_groups = 1;
      samples.push_back({n, {count, parts, space}, rows});
      n.num_groups = count;
      if (length > 1) samples.push_back({n, {1, count * parts, space}, rows});
      continue;
    }
    samples.push_back({n, {parts, count, space}, std::vector<float>(rows.size())});
    for (int64_t row = 0; row < count; ++row)
      for (int64_t i = 0; i < length; ++i)
        samples.back().inputs[(i / space * count + row) * space + i % space] = rows[row * length + i];
  }
  return samples;
}

}  // namespace kiln::test
