#include <CLI/CLI.hpp>

#include "../operators.h"
#include "../options.h"

namespace kiln::tool {
namespace {

class LocalResponseNorm : public Arguments {
  void add_options(CLI::App &app) override {
    add_number(app, "--size", size_, "Channels in a window")->required()->default_str("");
    add_number(app, "--alpha", options_.alpha, "Factor of the window's mean square");
    add_number(app, "--beta", options_.beta, "Exponent");
    add_number(app, "--k", options_.k, "Added to the scaled mean square");
  }

  void assume(const Shape &) override { size_ = 5; }

  void call(const View &input, const View &output, const Context &context) override {
    options_.context = &context;
    local_response_norm(input, size_, output, options_);
  }

  int64_t size_ = 0;
  LocalResponseNormOptions options_;
};

}  // namespace

std::unique_ptr<Arguments> make_local_response_norm() { return std::make_unique<LocalResponseNorm>(); }

}  // namespace kiln::tool
