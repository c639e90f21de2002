#include "support/argument_samples.h"

#include <cmath>

#include "support/inputs.h"

namespace kiln::test {
namespace {

// Values in all spatial dimensions.
int64_t space(const Extents &shape) { return dense({shape.begin() + 2, shape.end()}).count(); }

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

}  // namespace

std::vector<Operation> batch_norm_samples(const Extents &shape) {
  return statistics_samples("batch_norm", shape, shape[0] * space(shape));
}

std::vector<Operation> instance_norm_samples(const Extents &shape) {
  return statistics_samples("instance_norm", shape, space(shape));
}

std::vector<Operation> group_norm_samples(const Extents &shape) {
  std::vector<Operation> all;
  const int64_t channels = shape[1];
  for (int64_t groups = 1; groups <= channels; groups *= 2) {
    if (channels % groups != 0 || (shape[0] == 1 && channels * space(shape) <= groups)) continue;
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

}  // namespace kiln::test
