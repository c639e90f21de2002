// What batch_norm and instance_norm have in common on the command line.
#ifndef KILN_TOOLS_OPERATORS_RUNNING_STATISTICS_H
#define KILN_TOOLS_OPERATORS_RUNNING_STATISTICS_H

#include <optional>
#include <string>
#include <vector>

#include "../operators.h"
#include "../options.h"

namespace kiln::tool {

// Running statistics, and where they are written after a call that updates them.
class RunningStatistics {
 public:
  void add_options(CLI::App &app);
  // Throws where a file is asked for that the call will not make: without `updating`, the option of that name, it only
  // reads the statistics.
  void load(bool updated, const std::string &updating);
  // Mean 0 and variance 1 for each channel.
  void assume(int64_t channels);
  void stage(std::vector<OutputFile> &files) const;

  std::vector<TensorOption *> tensors() { return {&mean_, &variance_}; }
  const View *mean() const { return mean_.view(); }
  const View *variance() const { return variance_.view(); }

 private:
  TensorOption mean_, variance_;
  std::optional<std::string> mean_out_, variance_out_;
};

// An operator that normalizes by the running statistics, or by the input's own and updates them: Options::*kOwn says.
template <class Options, void (*kFunction)(const View &, const View &, const Options &), bool Options::*kOwn>
class WithRunningStatistics : public Arguments {
 protected:
  // Adds the option of *kOwn, and names it.
  virtual std::string add_own(CLI::App &app, bool &own) = 0;

 private:
  void add_options(CLI::App &app) override {
    statistics_.add_options(app);
    weight_.add_to(app, "--weight", "Factor, one value per channel");
    bias_.add_to(app, "--bias", "Summand, one value per channel");
    own_ = add_own(app, options_.*kOwn);
    add_number(app, "--momentum", options_.momentum, "The input's share in the updated statistics");
    add_number(app, "--eps", options_.eps, "Added to the variance");
  }

  std::vector<TensorOption *> tensors() override {
    std::vector<TensorOption *> all = statistics_.tensors();
    all.insert(all.end(), {&weight_, &bias_});
    return all;
  }

  void load() override {
    statistics_.load(options_.*kOwn, own_);
    weight_.load();
    bias_.load();
  }

  void assume(const Shape &input) override {
    if (!(options_.*kOwn) && input.size() > 1) statistics_.assume(input[1]);
  }

  void call(const View &input, const View &output, const Context &context) override {
    options_.running_mean = statistics_.mean();
    options_.running_var = statistics_.variance();
    options_.weight = weight_.view();
    options_.bias = bias_.view();
    options_.context = &context;
    kFunction(input, output, options_);
  }

  void stage(std::vector<OutputFile> &files) override { statistics_.stage(files); }

  std::string own_;
  RunningStatistics statistics_;
  TensorOption weight_, bias_;
  Options options_;
};

}  // namespace kiln::tool
#endif
