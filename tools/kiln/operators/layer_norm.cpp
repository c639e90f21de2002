#include <CLI/CLI.hpp>

#include "../operators.h"
#include "../options.h"

namespace kiln::tool {
namespace {

class LayerNorm : public Arguments {
  void add_options(CLI::App &app) override {
    add_integers(app, "--normalized-shape", shape_, "The input's trailing dimensions to normalize over")->required();
    weight_.add_to(app, "--weight", "Factor, of shape normalized-shape");
    bias_.add_to(app, "--bias", "Summand, of shape normalized-shape");
    add_number(app, "--eps", options_.eps, "Added to the variance");
  }

  std::vector<TensorOption *> tensors() override { return {&weight_, &bias_}; }

  void load() override {
    weight_.load();
    bias_.load();
  }

  void assume(const Shape &input) override {
    if (!input.empty()) shape_ = {input.back()};
  }

  void call(const View &input, const View &output, const Context &context) override {
    options_.weight = weight_.view();
    options_.bias = bias_.view();
    options_.context = &context;
    layer_norm(input, shape_, output, options_);
  }

  Shape shape_;
  TensorOption weight_, bias_;
  LayerNormOptions options_;
};

}  // namespace

std::unique_ptr<Arguments> make_layer_norm() { return std::make_unique<LayerNorm>(); }

}  // namespace kiln::tool
