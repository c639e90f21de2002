// A classifier of two layers: linear, layer_norm, silu, linear. Kiln has the normalization, the activation, the loss
// and their gradients; the matrix products and theirs are here, in loops whose order is always the same.
#pragma once

#include <kiln/kiln.hpp>

#include "spirals.h"

// Numbers that are trained, by gradient descent with momentum.
struct Parameter {
  Values values, gradient, velocity;
  explicit Parameter(size_t count, float value = 0) : values(count, value), gradient(count), velocity(count) {}

  void update(float rate) {
    for (size_t i = 0; i < values.size(); ++i) {
      velocity[i] = velocity[i] * 0.9f + gradient[i];
      values[i] -= velocity[i] * rate;
    }
  }
};

// y = x * weight + bias, where x has rows of `from` values and y has rows of `to`.
struct Linear {
  size_t from, to;
  Parameter weight, bias;

  Linear(size_t from, size_t to, float scale, Random &random) : from(from), to(to), weight(from * to), bias(to) {
    for (float &w : weight.values) w = random.next() * scale;
    for (float &b : bias.values) b = random.next() * scale;
  }

  void forward(const Values &x, Values &y) const {
    for (size_t row = 0; row < x.size() / from; ++row) {
      float *out = &y[row * to];
      for (size_t j = 0; j < to; ++j) out[j] = bias.values[j];
      for (size_t k = 0; k < from; ++k)
        for (size_t j = 0; j < to; ++j) out[j] += x[row * from + k] * weight.values[k * to + j];
    }
  }

  // The gradients of weight and bias, from the gradient of y.
  void backward(const Values &x, const Values &grad_y) {
    weight.gradient.assign(from * to, 0);
    bias.gradient.assign(to, 0);
    for (size_t row = 0; row < x.size() / from; ++row) {
      const float *grad = &grad_y[row * to];
      for (size_t j = 0; j < to; ++j) bias.gradient[j] += grad[j];
      for (size_t k = 0; k < from; ++k)
        for (size_t j = 0; j < to; ++j) weight.gradient[k * to + j] += x[row * from + k] * grad[j];
    }
  }
  // The gradient of x.
  void backward_to_input(const Values &grad_y, Values &grad_x) const {
    for (size_t i = 0; i < grad_x.size(); ++i) {
      const size_t row = i / from, k = i % from;
      grad_x[i] = 0;
      for (size_t j = 0; j < to; ++j) grad_x[i] += grad_y[row * to + j] * weight.values[k * to + j];
    }
  }
};

class Network {
 public:
  Network(const Spirals &data, size_t width, Random &random, const kiln::Context &context)
      : data_(data),
        width_(width),
        context_(context),
        first_(2, width, 1.0f, random),
        norm_weight_(width, 1),
        norm_bias_(width),
        second_(width, Spirals::kClasses, 0.125f, random) {}

  // The mean over points of the loss: for each class softplus(-target * score), which is 0 where the score is far on
  // the target's side.
  double forward() {
    first_.forward(data_.points, hidden_);

    kiln::LayerNormWithStatisticsOptions options;
    options.weight = kiln::view(norm_weight_.values);
    options.bias = kiln::view(norm_bias_.values);
    options.mean = kiln::view(mean_);  // which the gradient needs: a number for each row
    options.rstd = kiln::view(rstd_);
    options.context = &context_;
    kiln::layer_norm_with_statistics(rows(hidden_), {width_}, rows(normed_), options);

    kiln::silu(kiln::view(normed_), kiln::view(active_), context_);
    second_.forward(active_, scores_);

    for (size_t i = 0; i < scores_.size(); ++i) margins_[i] = -data_.targets[i] * scores_[i];
    kiln::softplus(kiln::view(margins_), kiln::view(losses_), context_);
    double sum = 0;
    for (float loss : losses_) sum += loss;
    return sum / Spirals::kCount;
  }

  // The gradients of all parameters, behind forward().
  void backward() {
    // Each gradient lies where the one before it was: grad_input may be grad_output.
    Values &grad_scores = losses_;
    grad_scores.assign(grad_scores.size(), 1.0f / Spirals::kCount);
    kiln::softplus_backward(kiln::view(grad_scores), kiln::view(margins_), kiln::view(grad_scores), context_);
    for (size_t i = 0; i < grad_scores.size(); ++i) grad_scores[i] *= -data_.targets[i];
    second_.backward(active_, grad_scores);

    Values &grad = active_;
    second_.backward_to_input(grad_scores, grad);
    kiln::silu_backward(kiln::view(grad), kiln::view(normed_), kiln::view(grad), context_);

    kiln::LayerNormBackwardOptions options;
    options.weight = kiln::view(norm_weight_.values);
    options.mean = kiln::view(mean_);
    options.rstd = kiln::view(rstd_);
    options.grad_weight = kiln::view(norm_weight_.gradient);
    options.grad_bias = kiln::view(norm_bias_.gradient);
    options.context = &context_;
    kiln::layer_norm_backward(rows(grad), rows(hidden_), {width_}, rows(grad), options);

    first_.backward(data_.points, grad);
  }

  void update(float rate) {
    for (Parameter *p : {&first_.weight, &first_.bias, &norm_weight_, &norm_bias_, &second_.weight, &second_.bias})
      p->update(rate);
  }

  // How many points have the highest score for their own class.
  size_t right() const {
    size_t count = 0;
    for (size_t point = 0; point < Spirals::kCount; ++point) {
      const float *score = &scores_[point * Spirals::kClasses], *target = &data_.targets[point * Spirals::kClasses];
      size_t best = 0;
      for (size_t k = 1; k < Spirals::kClasses; ++k)
        if (score[k] > score[best]) best = k;
      count += target[best] > 0;
    }
    return count;
  }

 private:
  kiln::View rows(Values &x) const { return kiln::view(x, {Spirals::kCount, width_}); }

  const Spirals &data_;
  const size_t width_;
  const kiln::Context &context_;
  Linear first_;
  Parameter norm_weight_, norm_bias_;
  Linear second_;
  Values hidden_ = Values(Spirals::kCount * width_), normed_ = hidden_, active_ = hidden_;
  Values mean_ = Values(Spirals::kCount), rstd_ = mean_;
  Values scores_ = Values(Spirals::kCount * Spirals::kClasses), margins_ = scores_, losses_ = scores_;
};
