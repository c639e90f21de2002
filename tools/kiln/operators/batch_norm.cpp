#include <CLI/CLI.hpp>

#include "running_statistics.h"

namespace kiln::tool {
namespace {

class BatchNorm : public WithRunningStatistics<BatchNormOptions, batch_norm, &BatchNormOptions::training> {
  std::string add_own(CLI::App &app, bool &own) override {
    app.add_flag("--training", own, "Normalize by the batch's statistics, and update the running ones");
    return "--training";
  }
};

}  // namespace

std::unique_ptr<Arguments> make_batch_norm() { return std::make_unique<BatchNorm>(); }

}  // namespace kiln::tool
