// kiln_fuzz: looks for faults of the C API and the tool by trying what nobody would write.
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "fuzz/worker.h"

namespace kiln::fuzz {

const std::vector<Target> &targets() {
  static const std::vector<Target> all = {
      {"call", "one call of the C API, right or spoiled, on guarded memory", run_call},
      {"gradient", "one gradient of a normalization, right or spoiled, on guarded memory", run_gradient},
      {"sequence", "right calls from several threads on shared contexts", run_sequence},
      {"npy", "a .npy file through the tool", run_npy},
  };
  return all;
}

namespace {

namespace fs = std::filesystem;

struct Options {
  std::string target = "call", corpus, faults = "fuzz-faults", state;
  double seconds = 0;
  uint64_t cases = 0, seed = 1;
  bool first = false;
  std::vector<std::string> files;
};

volatile sig_atomic_t interrupted = 0;

Bytes read_file(const fs::path &path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<Bytes> read_corpus(const std::string &folder) {
  std::vector<fs::path> paths;
  if (!folder.empty())
    for (const fs::directory_entry &entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());  // the order of a folder is not the same everywhere
  std::vector<Bytes> corpus;
  for (const fs::path &path : paths) corpus.push_back(read_file(path));
  return corpus;
}

// Cases that have been run by a seed, for the next run to go on from.
uint64_t read_state(const Options &options) {
  std::ifstream in(options.state);
  uint64_t seed = 0, next = 0;
  return in >> seed >> next && seed == options.seed ? next : 0;
}

class Run {
 public:
  Run(const Target &target, const Options &options) : target_(target), options_(options), worker_(target) {}

  // 0 where cases were tried and none had a fault.
  int all() {
    const std::vector<Bytes> corpus = read_corpus(options_.corpus);
    first_ = next_ = options_.state.empty() ? 0 : read_state(options_);
    const uint64_t end = options_.cases ? first_ + options_.cases : UINT64_MAX;
    while (next_ < end && !over()) {
      worker_.start(options_.seed, corpus, next_, end);
      while (worker_.runs(500) && !over()) show(false);
      const bool stopped = worker_.runs(0);
      worker_.stop();
      next_ = worker_.progress().index;
      if (!stopped && worker_.outcome() != Outcome::done) report(next_++);
    }
    if (!options_.state.empty()) std::ofstream(options_.state) << options_.seed << ' ' << next_ << '\n';
    show(true);
    return next_ > first_ ? faults_ : 1;  // to have tried nothing is no success
  }

 private:
  using Clock = std::chrono::steady_clock;

  double gone() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  bool over() const {
    return interrupted || (options_.first && faults_ > 0) || (options_.seconds > 0 && gone() >= options_.seconds);
  }

  void report(uint64_t index) {
    fs::create_directories(options_.faults);
    const std::string path =
        options_.faults + "/" + target_.name + "-" + std::to_string(options_.seed) + "-" + std::to_string(index);
    const Progress &p = worker_.progress();
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char *>(p.bytes), static_cast<long>(p.size));
    std::printf("%s: fault %d: %s\n  again: kiln_fuzz %s %s\n", target_.name, ++faults_, worker_.fault().c_str(),
                target_.name, path.c_str());
  }

  // Every half a second on a terminal, every half a minute in a file.
  void show(bool last) {
    const bool terminal = isatty(1);
    if (!last && !terminal && gone() < next_line_) return;
    next_line_ = gone() + 30;
    const uint64_t cases = (last ? next_ : worker_.progress().index) - first_;
    std::printf("%s%s: %llu cases in %.0f s, %.0f/s, %d faults", terminal ? "\r" : "", target_.name,
                static_cast<unsigned long long>(cases), gone(), static_cast<double>(cases) / gone(), faults_);
    if (!last && options_.seconds > 0) std::printf(", %.0f s left", options_.seconds - gone());
    std::printf("%s", last || !terminal ? "\n" : "   ");
    std::fflush(stdout);
  }

  const Target &target_;
  const Options &options_;
  Worker worker_;
  const Clock::time_point start_ = Clock::now();
  double next_line_ = 30;
  uint64_t first_ = 0, next_ = 0;
  int faults_ = 0;
};

int replay(const Target &target, const std::vector<std::string> &paths) {
  int faults = 0, cases = 0;
  for (const std::string &path : paths) {
    std::vector<fs::path> files = {path};
    if (fs::is_directory(path)) files.assign(fs::directory_iterator(path), {});
    for (const fs::path &file : files) {
      Worker worker(target);
      worker.start(read_file(file));
      while (worker.runs(1000)) {
      }
      ++cases;
      if (worker.outcome() == Outcome::done) continue;
      std::printf("%s: %s\n", file.c_str(), worker.fault().c_str());
      ++faults;
    }
  }
  std::printf("%s: %d cases, %d faults\n", target.name, cases, faults);
  return cases == 0 ? 1 : faults;
}

int main_of(int argc, char **argv) {
  CLI::App app("Looks for faults of Kiln. Exit status 1 where one was found.", "kiln_fuzz");
  Options options;
  std::vector<std::string> names;
  std::string about = "What is fuzzed";
  for (const Target &target : targets())
    names.push_back(target.name), about += std::string("; ") + target.name + ": " + target.about;
  app.add_option("target", options.target, about)->check(CLI::IsMember(names))->required();
  app.add_option("files", options.files, "Cases to run again: files, or folders of them")->check(CLI::ExistingPath);
  app.add_option("--time", options.seconds, "How long to look: 90, 90s, 10m, 2h")
      ->transform(CLI::AsNumberWithUnit(std::map<std::string, double>{{"s", 1}, {"m", 60}, {"h", 3600}}));
  app.add_option("--cases", options.cases, "How many cases to try");
  app.add_flag("--first", options.first, "End at the first fault");
  app.add_option("--seed", options.seed, "Another seed, other cases")->capture_default_str();
  app.add_option("--corpus", options.corpus, "Folder of cases that are changed a little")
      ->check(CLI::ExistingDirectory);
  app.add_option("--faults", options.faults, "Folder that faults are written to")->capture_default_str();
  app.add_option("--state", options.state, "File that says where the next run of this seed goes on");
  CLI11_PARSE(app, argc, argv);
  const Target *target = nullptr;
  for (const Target &each : targets())
    if (options.target == each.name) target = &each;
  if (!options.files.empty()) return replay(*target, options.files) ? 1 : 0;
  if (options.seconds <= 0 && options.cases == 0) options.seconds = 60;
  signal(SIGINT, [](int) { interrupted = 1; });
  signal(SIGTERM, [](int) { interrupted = 1; });
  return Run(*target, options).all() ? 1 : 0;
}

}  // namespace
}  // namespace kiln::fuzz

int main(int argc, char **argv) { return kiln::fuzz::main_of(argc, argv); }
