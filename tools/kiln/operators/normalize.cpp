#include <CLI/CLI.hpp>

#include "../operators.h"
#include "../options.h"
#include "../text.h"

namespace kiln::tool {
namespace {

class Normalize : public Arguments {
  void add_options(CLI::App &app) override {
    add_number(app, "--p", options_.p, "Which norm: any number, inf and -inf too");
    const auto parse = [this](const std::string &text) {
      options_.dim = text == "all" ? Shape() : parse_integers(text, "--dim");
    };
    app.add_option_function<std::string>("--dim", parse, "Dimensions to take the norm over; or all")
        ->type_name("N,N,...|all")
        ->default_str("1");
    add_number(app, "--eps", options_.eps, "The least norm to divide by");
  }

  void call(const View &input, const View &output, const Context &context) override {
    options_.context = &context;
    normalize(input, output, options_);
  }

  NormalizeOptions options_;
};

}  // namespace

std::unique_ptr<Arguments> make_normalize() { return std::make_unique<Normalize>(); }

}  // namespace kiln::tool
