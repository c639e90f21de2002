#include <CLI/CLI.hpp>
#include <numeric>

#include "../operators.h"
#include "../options.h"

namespace kiln::tool {
namespace {

class GroupNorm : public Arguments {
  void add_options(CLI::App &app) override {
    add_number(app, "--num-groups", num_groups_, "Groups, into which the channels are divided evenly")
        ->required()
        ->default_str("");
    weight_.add_to(app, "--weight", "Factor, one value per channel");
    bias_.add_to(app, "--bias", "Summand, one value per channel");
    add_number(app, "--eps", options_.eps, "Added to the variance");
  }

  std::vector<TensorOption *> tensors() override { return {&weight_, &bias_}; }

  void load() override {
    weight_.load();
    bias_.load();
  }

  // As many as divide the channels, of the 32 that networks mostly have.
  void assume(const Shape &input) override { num_groups_ = input.size() > 1 ? std::gcd(input[1], int64_t{32}) : 1; }

  void call(const View &input, const View &output, const Context &context) override {
    options_.weight = weight_.view();
    options_.bias = bias_.view();
    options_.context = &context;
    group_norm(input, num_groups_, output, options_);
  }

  int64_t num_groups_ = 0;
  TensorOption weight_, bias_;
  GroupNormOptions options_;
};

}  // namespace

std::unique_ptr<Arguments> make_group_norm() { return std::make_unique<GroupNorm>(); }

}  // namespace kiln::tool
