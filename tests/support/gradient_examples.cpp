#include <limits>

#include "support/gradients.h"

namespace kiln::test {
namespace {

// 1 and 3: mean 2, variance 1; with eps 3 rstd is 1/2, and n -1/2 and 1/2. h is 6 and 4, of mean 5; h n is -3 and 2, of
// mean -1/2.
GradientExample of_layer_norm() {
  return {layer_norm({2}, {2, 4}, {}, 3), {1, 2}, {3, 1}, {1, 3}, {3 / 8.0, -3 / 8.0}, {-3 / 2.0, 1 / 2.0}, {3, 1}};
}

// 1 and 7: mean square 25; with eps 11 rstd is 1/6, and n 1/6 and 7/6. h is 12 twice; h n is 2 and 14, of mean 8.
GradientExample of_rms_norm() {
  Operation n("rms_norm");
  n["normalized_shape"] = Extents{2}, n["eps"] = 11;
  n.values("weight") = {12, 6};
  return {n, {1, 2}, {1, 2}, {1, 7}, {16 / 9.0, 4 / 9.0}, {1 / 6.0, 7 / 3.0}, {}};
}

// 0 and 4 of each channel: mean 2, variance 4; with eps 5 rstd is 1/3, and n -2/3 and 2/3. h is 3 and 15 of the first
// channel, of mean 9, and -12 and -24 of the second, of mean -18; h n has the mean 4 in both.
GradientExample of_batch_norm() {
  Operation n("batch_norm", {3, -6}, {});
  n.of_batch(true);
  n["eps"] = 5;
  return {n,     {2, 2, 1}, {1, 2, 5, 4}, {0, 4, 4, 0}, {-10 / 9.0, 10 / 9.0, 10 / 9.0, -10 / 9.0}, {8 / 3.0, -4 / 3.0},
          {6, 6}};
}

// By a mean of 1 and a variance of 4 with eps 5: n of the first channel is -1/3 and 1, of the second 1 and -1/3.
GradientExample of_running_statistics() {
  Operation n("batch_norm", {3, -6}, {}, {1, 1}, {4, 4});
  n["eps"] = 5;
  return {n, {2, 2, 1}, {1, 2, 5, 4}, {0, 4, 4, 0}, {1, -4, 5, -8}, {14 / 3.0, 2 / 3.0}, {6, 6}};
}

// The same as batch_norm's, of each sample's channel.
GradientExample of_instance_norm() {
  Operation n("instance_norm", {3, -6}, {});
  n["eps"] = 5;
  return {n,     {1, 2, 2}, {1, 5, 2, 4}, {0, 4, 4, 0}, {-10 / 9.0, 10 / 9.0, 10 / 9.0, -10 / 9.0}, {8 / 3.0, -4 / 3.0},
          {6, 6}};
}

// One group of two channels: h is 3, 15, -12 and -24, of mean -9/2; h n has the mean 4.
GradientExample of_group_norm() {
  Operation n("group_norm", {3, -6}, {});
  n["num_groups"] = 1, n["eps"] = 5;
  return {n,
          {1, 2, 2},
          {1, 5, 2, 4},
          {0, 4, 4, 0},
          {61 / 18.0, 101 / 18.0, -61 / 18.0, -101 / 18.0},
          {8 / 3.0, -4 / 3.0},
          {6, 6}};
}

// Windows of the channel and the one before: divisors 1 + 6 * 4 / 2 = 13 and 1 + 6 * (4 + 12.25) / 2 = 49.75; 2 alpha
// beta / size is 6.
GradientExample of_local_response_norm() {
  Operation n("local_response_norm");
  n["size"] = 2, n["alpha"] = 6, n["beta"] = 1;
  const double a = 13, b = 49.75;
  return {n,  {1, 2, 1}, {1, 1}, {2, -3.5f}, {1 / a - 12 * (2 / (a * a) - 3.5 / (b * b)), 1 / b - 6 * 12.25 / (b * b)},
          {}, {}};
}

GradientExample of_normalize(double p, double eps, const std::vector<float> &grad_output,
                             const std::vector<float> &input, const std::vector<double> &grad_input) {
  Operation n("normalize");
  n["p"] = p, n["eps"] = eps;
  return {n, {1, static_cast<int64_t>(input.size())}, grad_output, input, grad_input, {}, {}};
}

}  // namespace

// Of normalize: a norm of 5, where g y sums to -1; signs, of 0 too, where |x| sums to 4; a count; peaks that share, at
// either end; norms that are eps and less, which are not divided by.
const std::vector<GradientExample> &gradient_examples() {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  static const std::vector<GradientExample> all = {
      of_layer_norm(),
      of_rms_norm(),
      of_batch_norm(),
      of_running_statistics(),
      of_instance_norm(),
      of_group_norm(),
      of_local_response_norm(),
      of_normalize(2, 1e-12, {1, 2}, {3, -4}, {0.32, 0.24}),
      of_normalize(1, 1e-12, {1, 2, 5}, {3, -1, 0}, {3 / 16.0, 9 / 16.0, 5 / 4.0}),
      of_normalize(0, 1e-12, {1, 2, 5}, {3, -1, 0}, {0.5, 1, 2.5}),
      of_normalize(kInfinity, 1e-12, {1, 2, 4}, {2, -2, 1}, {0.25, 1.25, 2}),
      of_normalize(-kInfinity, 1e-12, {1, 2, 4}, {2, -2, 4}, {-1.25, 2.75, 2}),
      of_normalize(2, 5, {1, 2}, {3, -4}, {0.2, 0.4}),
      of_normalize(2, 8, {1, 2}, {3, -4}, {0.125, 0.25}),
      of_normalize(3, 1, {1, 2}, {0, 0}, {1, 2}),
  };
  return all;
}

}  // namespace kiln::test
