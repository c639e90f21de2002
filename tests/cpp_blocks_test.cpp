// The page of blocks: its functions, held to the same blocks computed in float64 from their definitions.
#include <gtest/gtest.h>

#include <cmath>
#include <kiln/kiln.hpp>
#include <vector>

#include "blocks.h"
#include "support/inputs.h"

namespace kiln::test {
namespace {

using Doubles = std::vector<double>;

Doubles widen(const Values &x) { return Doubles(x.begin(), x.end()); }

// The largest difference, as a part of the largest value.
double distance(const Values &x, const Doubles &expected) {
  double largest = 0, difference = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    largest = std::max(largest, std::fabs(expected[i]));
    difference = std::max(difference, std::fabs(x[i] - expected[i]));
  }
  return x.size() == expected.size() ? difference / largest : 1;
}
// Products of a few dozen float32 terms are within this.
constexpr double kBound = 1e-5;

// ---- The app's layers, in either type ----

// rows of x times `matrix`, which has `to` rows of `from` values.
template <class T>
std::vector<T> linear(const std::vector<T> &x, size_t from, size_t to, const Values &matrix) {
  std::vector<T> y(x.size() / from * to);
  for (size_t i = 0; i < y.size(); ++i)
    for (size_t k = 0; k < from; ++k) y[i] += x[i / to * from + k] * static_cast<T>(matrix[i % to * from + k]);
  return y;
}

// softmax(x x^T / sqrt(width)) x
template <class T>
std::vector<T> attention(const std::vector<T> &x, size_t width) {
  const size_t rows = x.size() / width;
  std::vector<T> y(x.size());
  for (size_t i = 0; i < rows; ++i) {
    std::vector<T> weights(rows);
    T sum = 0;
    for (size_t j = 0; j < rows; ++j) {
      T product = 0;
      for (size_t k = 0; k < width; ++k) product += x[i * width + k] * x[j * width + k];
      sum += weights[j] = std::exp(product / std::sqrt(static_cast<T>(width)));
    }
    for (size_t j = 0; j < rows; ++j)
      for (size_t k = 0; k < width; ++k) y[i * width + k] += weights[j] / sum * x[j * width + k];
  }
  return y;
}

struct Planes {
  size_t n, c, h, w;
  size_t at(size_t i, size_t j, size_t y, size_t x) const { return ((i * c + j) * h + y) * w + x; }
};

// 3 x 3, a border of zeros; `kernels` is (C, C, 3, 3).
template <class T>
std::vector<T> convolution(const std::vector<T> &x, const Planes &p, const Values &kernels) {
  std::vector<T> out(x.size());
  for (size_t i = 0; i < p.n * p.c * p.c; ++i)
    for (size_t row = 0; row < p.h; ++row)
      for (size_t column = 0; column < p.w; ++column)
        for (size_t k = 0; k < 9; ++k) {
          const size_t y = row + k / 3 - 1, z = column + k % 3 - 1, n = i / (p.c * p.c), to = i / p.c % p.c,
                       from = i % p.c;
          if (y < p.h && z < p.w)
            out[p.at(n, to, row, column)] +=
                x[p.at(n, from, y, z)] * static_cast<T>(kernels[(to * p.c + from) * 9 + k]);
        }
  return out;
}

// ---- Kiln's operators by their definitions ----

Doubles layer_norm_in_float64(const Doubles &x, size_t width, const LayerNorm &norm) {
  Doubles y(x.size());
  for (size_t row = 0; row < x.size(); row += width) {
    double mean = 0, variance = 0;
    for (size_t k = 0; k < width; ++k) mean += x[row + k] / static_cast<double>(width);
    for (size_t k = 0; k < width; ++k) variance += std::pow(x[row + k] - mean, 2) / static_cast<double>(width);
    for (size_t k = 0; k < width; ++k)
      y[row + k] = (x[row + k] - mean) / std::sqrt(variance + 1e-5) * norm.weight[k] + norm.bias[k];
  }
  return y;
}

struct Statistics {
  Doubles mean, var;
};

Statistics of_batch(const Doubles &x, const Planes &p) {
  Statistics s{Doubles(p.c), Doubles(p.c)};
  const double count = static_cast<double>(x.size() / p.c);
  const auto channel = [&](size_t i) { return i / (p.h * p.w) % p.c; };
  for (size_t i = 0; i < x.size(); ++i) s.mean[channel(i)] += x[i] / count;
  for (size_t i = 0; i < x.size(); ++i) s.var[channel(i)] += std::pow(x[i] - s.mean[channel(i)], 2) / count;
  return s;
}

Doubles batch_norm_in_float64(Doubles x, const Planes &p, const BatchNorm &norm, const Statistics &s) {
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t c = i / (p.h * p.w) % p.c;
    x[i] = (x[i] - s.mean[c]) / std::sqrt(s.var[c] + 1e-5) * norm.weight[c] + norm.bias[c];
  }
  return x;
}

Doubles relu_in_float64(Doubles x) {
  for (double &v : x) v = v > 0 ? v : 0;
  return x;
}

// ---- The blocks ----

TEST(CppBlocks, Transformer) {
  const size_t tokens = 6, width = 16, hidden = 40;
  Values x = normal_values(tokens * width, 501);
  const Doubles input = widen(x);
  const LayerNorm norm1{normal_values(width, 502), normal_values(width, 503)},
      norm2{normal_values(width, 504), normal_values(width, 505)};
  const Values up = normal_values(width * hidden, 506), down = normal_values(width * hidden, 507);

  Context context;
  context.num_threads(2).parallel_for([](int64_t count, auto body) {
    for (int64_t i = 0; i < count; ++i) body(i);
  });
  transformer_block(
      x, width, norm1, [&](const Values &n) { return attention(n, width); }, norm2,
      [&](const Values &n) { return linear(n, width, hidden, up); },
      [&](const Values &n) { return linear(n, hidden, width, down); }, context);

  Doubles y = attention(layer_norm_in_float64(input, width, norm1), width);
  for (size_t i = 0; i < y.size(); ++i) y[i] += input[i];
  Doubles inner = linear(layer_norm_in_float64(y, width, norm2), width, hidden, up);
  for (double &v : inner) v /= 1 + std::exp(-v);
  const Doubles out = linear(inner, hidden, width, down);
  for (size_t i = 0; i < y.size(); ++i) y[i] += out[i];
  EXPECT_LT(distance(x, y), kBound);
  EXPECT_GT(distance(x, input), 0.1);
}

class CppResnetBlock : public testing::Test {
 protected:
  BatchNorm norm(uint64_t seed) const {
    Values var = normal_values(p_.c, seed + 1);
    for (float &v : var) v = v * v + 0.5f;
    return {normal_values(p_.c, seed), var, normal_values(p_.c, seed + 2), normal_values(p_.c, seed + 3)};
  }
  Values run(bool training) {
    const Shape shape = {static_cast<int64_t>(p_.n), static_cast<int64_t>(p_.c), static_cast<int64_t>(p_.h),
                         static_cast<int64_t>(p_.w)};
    return resnet_block(
        x_, shape, [&](const Values &x) { return convolution(x, p_, kernels1_); }, norm1_,
        [&](const Values &x) { return convolution(x, p_, kernels2_); }, norm2_, training);
  }
  Doubles after_first(const Statistics &s) const {
    return convolution(relu_in_float64(batch_norm_in_float64(first(), p_, norm1_, s)), p_, kernels2_);
  }
  Doubles first() const { return convolution(widen(x_), p_, kernels1_); }
  Doubles result(const Doubles &second, const Statistics &s) const {
    Doubles y = batch_norm_in_float64(second, p_, norm2_, s);
    for (size_t i = 0; i < y.size(); ++i) y[i] += x_[i];
    return relu_in_float64(y);
  }

  const Planes p_{2, 3, 5, 4};
  const Values x_ = normal_values(2 * 3 * 5 * 4, 511), kernels1_ = normal_values(81, 512),
               kernels2_ = normal_values(81, 513);
  BatchNorm norm1_ = norm(514), norm2_ = norm(518);
};

TEST_F(CppResnetBlock, WithRunningStatistics) {
  const Statistics s1{widen(norm1_.running_mean), widen(norm1_.running_var)},
      s2{widen(norm2_.running_mean), widen(norm2_.running_var)};
  const Values before = norm1_.running_mean;
  EXPECT_LT(distance(run(false), result(after_first(s1), s2)), kBound);
  EXPECT_EQ(norm1_.running_mean, before);
}

TEST_F(CppResnetBlock, InTraining) {
  const Statistics s1 = of_batch(first(), p_);
  const Doubles second = after_first(s1);
  const Statistics s2 = of_batch(second, p_);
  const Doubles expected = result(second, s2);
  const BatchNorm before = norm2_;
  EXPECT_LT(distance(run(true), expected), kBound);
  // The mean and the unbiased variance of the batch have a part of a tenth.
  Doubles mean(p_.c), var(p_.c);
  const double count = static_cast<double>(p_.n * p_.h * p_.w);
  for (size_t c = 0; c < p_.c; ++c) {
    mean[c] = 0.9 * before.running_mean[c] + 0.1 * s2.mean[c];
    var[c] = 0.9 * before.running_var[c] + 0.1 * s2.var[c] * count / (count - 1);
  }
  EXPECT_LT(distance(norm2_.running_mean, mean), kBound);
  EXPECT_LT(distance(norm2_.running_var, var), kBound);
}

}  // namespace
}  // namespace kiln::test
