// A transformer block and a ResNet block around Kiln; what Kiln has no operator for is the app's.
#pragma once

#include <algorithm>
#include <functional>
#include <kiln/kiln.hpp>
#include <vector>

using Values = std::vector<float>;
// A matrix product, an attention or a convolution of the app.
using Layer = std::function<Values(const Values &)>;

inline void add(Values &x, const Values &y) { std::transform(x.begin(), x.end(), y.begin(), x.begin(), std::plus<>()); }

struct LayerNorm {
  Values weight, bias;
};

// x += attention(norm(x)), then x += down(silu(up(norm(x)))), where x has a row of `width` values for each token.
inline void transformer_block(Values &x, size_t width, const LayerNorm &norm1, const Layer &attention,
                              const LayerNorm &norm2, const Layer &up, const Layer &down,
                              const kiln::Context &context) {
  const size_t tokens = x.size() / width;
  Values normed(x.size());
  const auto layer_norm = [&](const LayerNorm &norm) {
    kiln::layer_norm(kiln::view(x, {tokens, width}), {width}, kiln::view(normed, {tokens, width}),
                     {kiln::view(norm.weight), kiln::view(norm.bias), 1e-5, &context});
  };
  layer_norm(norm1);
  add(x, attention(normed));
  layer_norm(norm2);
  Values hidden = up(normed);
  kiln::silu(kiln::view(hidden), kiln::view(hidden), context);
  add(x, down(hidden));
}

struct BatchNorm {
  Values running_mean, running_var, weight, bias;
};

inline void relu(Values &x) {
  for (float &v : x) v = std::max(v, 0.0f);
}

// relu(norm2(conv2(relu(norm1(conv1(x))))) + x), where `shape` is (N, C, H, W). Training updates the running
// statistics.
inline Values resnet_block(const Values &x, const kiln::Shape &shape, const Layer &conv1, BatchNorm &norm1,
                           const Layer &conv2, BatchNorm &norm2, bool training) {
  const auto batch_norm = [&](Values &y, BatchNorm &norm) {
    const kiln::View both = kiln::view(y, shape);  // in place
    kiln::BatchNormOptions options;
    options.running_mean = kiln::view(norm.running_mean);
    options.running_var = kiln::view(norm.running_var);
    options.weight = kiln::view(norm.weight);
    options.bias = kiln::view(norm.bias);
    options.training = training;
    kiln::batch_norm(both, both, options);
  };
  Values y = conv1(x);
  batch_norm(y, norm1);
  relu(y);
  y = conv2(y);
  batch_norm(y, norm2);
  add(y, x);
  relu(y);
  return y;
}
