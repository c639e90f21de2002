#include "support/rows.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "support/inputs.h"

namespace kiln::test {

std::vector<Rows> hard_rows(int64_t length) {
  std::vector<Rows> all;
  for (double mean : {0.0, 1.0, -30.0, 1e3, -1e6}) {
    all.push_back({"random, mean " + std::to_string(mean), normal_values(2 * length, 11, mean, 1), 5e-7});
    all.push_back(
        {"random, deviation 1e-3, mean " + std::to_string(mean), normal_values(length, 12, mean * 1e-3, 1e-3), 5e-7});
  }
  const auto fill = [&](const char *name, auto value) {
    std::vector<float> values(length);
    for (int64_t i = 0; i < length; ++i) values[i] = static_cast<float>(value(i));
    all.push_back({name, std::move(values), 1e-6});
  };
  fill("constant 3.3", [](int64_t) { return 3.3; });
  fill("constant -1e6", [](int64_t) { return -1e6; });
  fill("constant 1e30", [](int64_t) { return 1e30; });
  fill("constant subnormal", [](int64_t) { return 1e-40; });
  fill("two-valued", [](int64_t i) { return i % 3 == 0 ? 1.25 : 1.26; });
  fill("alternating", [](int64_t i) { return i % 2 == 0 ? 1e4 : -1e4; });
  fill("alternating around a large mean", [](int64_t i) { return 1e6 + (i % 2); });
  fill("sorted", [&](int64_t i) { return static_cast<double>(i) / static_cast<double>(length); });
  fill("sorted around a large mean", [](int64_t i) { return 1e5 + static_cast<double>(i); });
  fill("one outlier", [&](int64_t i) { return i == length / 2 ? 1e4 : 1e-2 * static_cast<double>(i % 7); });
  fill("outlier first", [](int64_t i) { return i == 0 ? -1e6 : 1.0 + 1e-3 * static_cast<double>(i % 5); });
  return all;
}

std::vector<Sample> samples_of_rows(const std::string &op, const std::vector<float> &rows, int64_t length, double eps) {
  const int64_t count = static_cast<int64_t>(rows.size()) / length;
  Operation n(op);
  n["eps"] = eps;
  if (n.has_statistics()) n.of_batch(true);
  if (n.row().family == "row_norm") {
    n["normalized_shape"] = Extents{length};
    return {{n, {count, length}, rows}};
  }
  if (n.is("instance_norm")) return {{n, {1, count, length}, rows}, {n, {count, 1, length}, rows}};
  std::vector<Sample> samples;
  const int64_t root = static_cast<int64_t>(std::sqrt(static_cast<double>(length)));
  int64_t divisor = root;
  while (length % divisor != 0) --divisor;
  for (int64_t parts : {int64_t{1}, divisor, length}) {
    const int64_t space = length / parts;
    if (n.is("group_norm")) {
      n["num_groups"] = 1;
      samples.push_back({n, {count, parts, space}, rows});
      n["num_groups"] = count;
      if (length > 1) samples.push_back({n, {1, count * parts, space}, rows});
      continue;
    }
    if (!n.is("batch_norm")) {
      std::fprintf(stderr, "tests/support/rows.cpp does not know over what %s reduces\n", op.c_str());
      std::abort();
    }
    samples.push_back({n, {parts, count, space}, std::vector<float>(rows.size())});
    for (int64_t row = 0; row < count; ++row)
      for (int64_t i = 0; i < length; ++i)
        samples.back().inputs[(i / space * count + row) * space + i % space] = rows[row * length + i];
  }
  return samples;
}

}  // namespace kiln::test
