#include <CLI/CLI.hpp>

#include "running_statistics.h"

namespace kiln::tool {
namespace {

class InstanceNorm
    : public WithRunningStatistics<InstanceNormOptions, instance_norm, &InstanceNormOptions::use_input_stats> {
  std::string add_own(CLI::App &app, bool &own) override {
    app.add_flag("--use-input-stats,!--no-use-input-stats", own,
                 "Normalize each plane by its own statistics, and update the running ones; the default. --no-: by the "
                 "running ones");
    return "--use-input-stats";
  }
};

}  // namespace

std::unique_ptr<Arguments> make_instance_norm() { return std::make_unique<InstanceNorm>(); }

}  // namespace kiln::tool
