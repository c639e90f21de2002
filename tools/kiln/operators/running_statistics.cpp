#include "running_statistics.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "../text.h"

namespace kiln::tool {
namespace {

Array filled(int64_t count, float value) {
  Array array;
  array.shape = {count};
  array.data = allocate(count);
  std::fill_n(array.data.get(), count, value);
  return array;
}

void expect_made(const std::optional<std::string> &out, const TensorOption &statistic, const std::string &option,
                 bool updated, const std::string &updating) {
  if (out && !statistic.view()) fail(option + "-out: expected " + option + " beside it");
  if (out && !updated) fail(option + "-out: expected " + updating + ", without which statistics are only read");
}

void write(const TensorOption &statistic, const std::optional<std::string> &path, std::vector<OutputFile> &files) {
  if (!path) return;
  files.emplace_back(*path);
  write_npy(*statistic.array(), files.back());
}

}  // namespace

void RunningStatistics::add_options(CLI::App &app) {
  mean_.add_to(app, "--running-mean", "Running mean, one value per channel");
  variance_.add_to(app, "--running-var", "Running variance, one value per channel");
  app.add_option("--running-mean-out", mean_out_, "Where the updated running mean is written")->type_name("FILE.npy");
  app.add_option("--running-var-out", variance_out_, "Where the updated running variance is written")
      ->type_name("FILE.npy");
}

void RunningStatistics::load(bool updated, const std::string &updating) {
  mean_.load();
  variance_.load();
  expect_made(mean_out_, mean_, "--running-mean", updated, updating);
  expect_made(variance_out_, variance_, "--running-var", updated, updating);
  if (mean_out_ && mean_out_ == variance_out_)
    fail("--running-var-out: expected another file than --running-mean-out's");
}

void RunningStatistics::assume(int64_t channels) {
  mean_.assume(filled(channels, 0));
  variance_.assume(filled(channels, 1));
}

void RunningStatistics::stage(std::vector<OutputFile> &files) const {
  write(mean_, mean_out_, files);
  write(variance_, variance_out_, files);
}

}  // namespace kiln::tool
