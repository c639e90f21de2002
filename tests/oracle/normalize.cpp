#include <algorithm>
#include <cmath>
#include <limits>

#include "oracle/oracle.h"
#include "oracle/powers.h"

namespace kiln::oracle {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// (sum |x|^p)^(1/p) = scale (sum (|x| / scale)^p)^(1/p). With the largest magnitude as scale where p > 0, and the
// smallest where p < 0, no term exceeds 1 and one of them is 1.
double power_norm(const std::vector<double> &magnitudes, double scale, double p) {
  if (scale == 0 || std::isinf(scale)) return scale;
  double sum = 0;
  for (double x : magnitudes) sum += std::pow(x / scale, p);
  return scale * std::pow(sum, 1 / p);
}

}  // namespace

double norm(const std::vector<double> &magnitudes, double p) {
  if (p == 0)
    return static_cast<double>(magnitudes.size()) -
           static_cast<double>(std::count(magnitudes.begin(), magnitudes.end(), 0.0));
  double smallest = kInfinity, largest = 0;
  for (double x : magnitudes) {
    if (std::isnan(x)) return x;
    smallest = std::min(smallest, x), largest = std::max(largest, x);
  }
  const double scale = p > 0 ? largest : smallest;
  return std::isinf(p) ? scale : power_norm(magnitudes, scale, p);
}

std::vector<int64_t> slices(const std::vector<int64_t> &shape, const std::vector<int64_t> &dim) {
  std::vector<bool> reduced(shape.size(), dim.empty());
  for (int64_t d : dim)
    if (!shape.empty()) reduced[d < 0 ? d + static_cast<int64_t>(shape.size()) : d] = true;
  std::vector<int64_t> all = {0};
  for (size_t d = 0; d < shape.size(); ++d) {
    std::vector<int64_t> next;
    for (int64_t slice : all)
      for (int64_t i = 0; i < shape[d]; ++i) next.push_back(reduced[d] ? slice : slice * shape[d] + i);
    all = std::move(next);
  }
  return all;
}

std::vector<std::vector<double>> values_of_slices(const std::vector<int64_t> &slice, const float *x) {
  std::vector<std::vector<double>> values(slice.empty() ? 0 : 1 + *std::max_element(slice.begin(), slice.end()));
  for (size_t i = 0; i < slice.size(); ++i) values[slice[i]].push_back(x[i]);
  return values;
}

std::vector<double> normalize(const float *x, const std::vector<int64_t> &shape, double p,
                              const std::vector<int64_t> &dim, double eps) {
  const std::vector<int64_t> slice = slices(shape, dim);
  std::vector<double> divisors;
  for (std::vector<double> &values : values_of_slices(slice, x)) {
    for (double &value : values) value = std::fabs(value);
    const double length = norm(values, p);
    divisors.push_back(length < eps ? eps : length);  // a NaN stays one
  }
  std::vector<double> results;
  for (size_t i = 0; i < slice.size(); ++i) results.push_back(x[i] / divisors[slice[i]]);
  return results;
}

}  // namespace kiln::oracle
