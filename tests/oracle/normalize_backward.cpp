#include <algorithm>
#include <cmath>

#include "oracle/gradients.h"
#include "oracle/moments.h"
#include "oracle/powers.h"

namespace kiln::oracle {
namespace {

// The derivative of the norm of a slice with respect to one of its values: sign(x) (|x| / norm)^(p - 1). 0 where x is
// 0; of infinite p it is shared among the `peaks` values of the norm's magnitude. Of p = 0 there is none.
double slope(double x, double norm, double p, int64_t peaks) {
  if (std::isnan(x) || std::isnan(norm)) return std::nan("");
  if (x == 0) return 0;
  const double sign = x < 0 ? -1 : 1;
  if (p == 1) return sign;
  if (std::isinf(p)) return std::fabs(x) == norm ? sign / static_cast<double>(peaks) : 0;
  return sign * std::pow(std::fabs(x) / norm, p - 1);
}

// A slice, and what the gradients of all its values have in common.
struct Slice {
  double norm, divisor;
  int64_t peaks;
  Sum sum, magnitudes;  // of g * x / divisor
};

Slice measure(const std::vector<double> &values, double p, double eps) {
  std::vector<double> magnitudes;
  for (double value : values) magnitudes.push_back(std::fabs(value));
  const double length = norm(magnitudes, p);
  return {length, length < eps ? eps : length, std::count(magnitudes.begin(), magnitudes.end(), length), {}, {}};
}

}  // namespace

// (g - s * sum(g * x / norm)) / norm with s the norm's derivative; g / eps where the norm is not above eps, which then
// is not divided by.
Gradients normalize_backward(const float *grad_output, const float *x, const std::vector<int64_t> &shape, double p,
                             const std::vector<int64_t> &dim, double eps) {
  const std::vector<int64_t> slice = slices(shape, dim);
  std::vector<Slice> all;
  for (const std::vector<double> &values : values_of_slices(slice, x)) all.push_back(measure(values, p, eps));
  for (size_t i = 0; i < slice.size(); ++i) {
    const double term = grad_output[i] * (x[i] / all[slice[i]].divisor);
    all[slice[i]].sum.add(term), all[slice[i]].magnitudes.add(std::fabs(term));
  }
  Gradients results;
  for (size_t i = 0; i < slice.size(); ++i) {
    const Slice &of = all[slice[i]];
    const bool moves = p != 0 && !(of.norm <= eps);  // the divisor, as x does
    const double g = grad_output[i], s = moves ? slope(x[i], of.norm, p, of.peaks) : 0;
    const double value = moves ? g - s * of.sum.value() : g;
    const double magnitude = std::fabs(g) + (moves ? std::fabs(s) * of.magnitudes.value() : 0);
    results.grad_input.push_back({value / of.divisor, magnitude / of.divisor});
  }
  return results;
}

}  // namespace kiln::oracle
