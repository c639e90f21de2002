// The oracle of each gradient of a normalization, and how near to it results must be.
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "oracle/ulp.h"
#include "support/for_oracles.h"
#include "support/gradients.h"

namespace kiln::test {
namespace {

oracle::ChannelParameters parameters_of_gradient(const Operation &n) {
  return {data(n.values("running_mean")), data(n.values("running_var")), data(n.values("weight")), nullptr};
}

// The length of the rows that an operation is over, and their number.
struct RowsOf {
  int64_t length, rows;
  RowsOf(const Operation &n, const Extents &shape)
      : length(dense(n.extents()).count()),
        rows(dense({shape.begin(), shape.end() - static_cast<std::ptrdiff_t>(n.extents().size())}).count()) {}
};

using Oracle = oracle::Gradients (*)(const Operation &, const Extents &, const float *, const float *);

const std::map<std::string, Oracle> &oracles() {
  static const std::map<std::string, Oracle> all = {
      {"batch_norm",
       [](const Operation &n, const Extents &shape, const float *g, const float *x) {
         return oracle::batch_norm_backward(g, x, volume(shape), parameters_of_gradient(n), !by_running_statistics(n),
                                            n["eps"].real);
       }},
      {"instance_norm",
       [](const Operation &n, const Extents &shape, const float *g, const float *x) {
         return oracle::instance_norm_backward(g, x, volume(shape), parameters_of_gradient(n),
                                               !by_running_statistics(n), n["eps"].real);
       }},
      {"group_norm",
       [](const Operation &n, const Extents &shape, const float *g, const float *x) {
         return oracle::group_norm_backward(g, x, volume(shape), n["num_groups"].integer, data(n.values("weight")),
                                            n["eps"].real);
       }},
      {"layer_norm",
       [](const Operation &n, const Extents &shape, const float *g, const float *x) {
         const RowsOf of(n, shape);
         return oracle::layer_norm_backward(g, x, of.rows, of.length, data(n.values("weight")), n["eps"].real);
       }},
      {"rms_norm",
       [](const Operation &n, const Extents &shape, const float *g, const float *x) {
         const RowsOf of(n, shape);
         return oracle::rms_norm_backward(g, x, of.rows, of.length, data(n.values("weight")), n["eps"].real);
       }},
      {"local_response_norm",
       [](const Operation &n, const Extents &shape, const float *g, const float *x) {
         return oracle::local_response_norm_backward(g, x, volume(shape), n["size"].integer, n["alpha"].real,
                                                     n["beta"].real, n["k"].real);
       }},
      {"normalize",
       [](const Operation &n, const Extents &shape, const float *g, const float *x) {
         return oracle::normalize_backward(g, x, shape, n["p"].real, n["dim"].integers, n["eps"].real);
       }},
  };
  return all;
}

// Within 1e-6 of the magnitude and half of a last place. An infinity stands where the largest number would be rounded
// to it.
bool is_near(const oracle::Normalized &expected, float actual) {
  if (std::isnan(expected.value)) return bits_of(actual) == kNanBits;
  if (std::isinf(expected.value) || std::isnan(actual)) return actual == expected.value;
  const double allowed = 1e-6 * expected.magnitude + oracle::ulp(expected.value) / 2;
  if (std::isinf(actual)) return std::copysign(1.0, actual) * expected.value + allowed >= 0x1p128 - 0x1p103;
  return std::fabs(actual - expected.value) <= allowed;
}

::testing::AssertionResult near_values(const std::string &name, const std::vector<oracle::Normalized> &expected,
                                       const std::vector<uint32_t> &actual) {
  if (expected.size() != actual.size())
    return ::testing::AssertionFailure() << name << ": " << expected.size() << " values expected, " << actual.size()
                                         << " came";
  for (size_t i = 0; i < actual.size(); ++i) {
    const float value = from_bits(actual[i]);
    if (is_near(expected[i], value)) continue;
    return ::testing::AssertionFailure() << name << " at " << i << ": expected " << expected[i].value << ", got "
                                         << show(value) << ", off by "
                                         << std::fabs(value - expected[i].value) / expected[i].magnitude << " of "
                                         << expected[i].magnitude;
  }
  return ::testing::AssertionSuccess();
}

}  // namespace

bool by_running_statistics(const Operation &n) {
  for (const descriptor::Argument &argument : n.row().arguments)
    if (argument.type == descriptor::Type::boolean) return n[argument.name].integer == 0;
  return false;
}

oracle::Gradients gradients_of(const Operation &operation, const Extents &shape, const std::vector<float> &grad_output,
                               const std::vector<float> &input) {
  const auto found = oracles().find(operation.row().forward);
  if (found == oracles().end()) {
    std::fprintf(stderr, "tests/support/gradient_oracles.cpp has no oracle of %s\n", operation.name().c_str());
    std::abort();
  }
  return found->second(operation, shape, grad_output.data(), input.data());
}

::testing::AssertionResult near_gradients(const oracle::Gradients &expected, const GradientBits &actual) {
  const std::map<std::string, const std::vector<oracle::Normalized> *> all = {
      {"grad_input", &expected.grad_input}, {"grad_weight", &expected.grad_weight}, {"grad_bias", &expected.grad_bias}};
  for (const auto &[name, bits] : actual)
    if (auto near = near_values(name, *all.at(name), bits); !near) return near;
  return ::testing::AssertionSuccess();
}

}  // namespace kiln::test
