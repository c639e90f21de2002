#include "measure.h"

#include <benchmark/benchmark.h>

#include <chrono>
#include <thread>

namespace kiln::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Calls in one round: as many as fit `seconds` after a first one, which fills caches, pools and lazy set-up. 0: it
// failed.
int64_t calls_in_a_round(const Implementation &implementation, double seconds) {
  if (!implementation.call()) return 0;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  for (int64_t calls = 1; calls < 1000000; ++calls) {
    if (!implementation.call()) return 0;
    if (Clock::now() >= end) return calls;
  }
  return 1000000;
}

class Collector : public benchmark::BenchmarkReporter {
 public:
  explicit Collector(std::vector<Implementation> &implementations) : implementations(implementations) {}
  bool ReportContext(const Context &) override { return true; }
  void ReportRuns(const std::vector<Run> &runs) override {
    for (const Run &run : runs)
      if (run.run_type == Run::RT_Iteration && !run.error_occurred)
        implementations[std::stoul(run.run_name.function_name)].samples.push_back(run.real_accumulated_time /
                                                                                  static_cast<double>(run.iterations));
  }

 private:
  std::vector<Implementation> &implementations;
};

void add(size_t index, const Implementation &implementation, const Rounds &rounds) {
  const int64_t calls = calls_in_a_round(implementation, rounds.seconds);
  if (calls == 0) return;
  const auto body = [call = implementation.call, pause = rounds.pause](benchmark::State &state) {
    if (pause > 0) {
      std::this_thread::sleep_for(std::chrono::duration<double>(pause));
      call();
    }
    for (auto _ : state) {
      if (!call()) {
        state.SkipWithError("the call failed");
        break;
      }
      benchmark::ClobberMemory();
    }
  };
  benchmark::RegisterBenchmark(std::to_string(index).c_str(), body)
      ->Iterations(calls)
      ->Repetitions(rounds.count)
      ->UseRealTime();
}

}  // namespace

Rounds::Rounds(const Json &request)
    : count(request.value("rounds", 7)), seconds(request.value("seconds", 2e-3)), pause(request.value("pause", 0.0)) {
  if (count < 1 || count > 10000) throw Error("rounds: expected 1 to 10000, got " + std::to_string(count));
  if (!(seconds > 0 && seconds <= 60)) throw Error("seconds: expected more than 0, at most 60");
  if (!(pause >= 0 && pause <= 10)) throw Error("pause: expected 0 to 10 seconds");
}

int threads_of(const Json &request) {
  const int threads = request.value("threads", 1);
  if (threads < 1 || threads > 4096) throw Error("threads: expected 1 to 4096, got " + std::to_string(threads));
  return threads;
}

void measure(std::vector<Implementation> &implementations, const Rounds &rounds) {
  char program[] = "bench", interleaved[] = "--benchmark_enable_random_interleaving=true";
  char *arguments[] = {program, interleaved, nullptr};
  int count = 2;
  benchmark::Initialize(&count, arguments);
  benchmark::ClearRegisteredBenchmarks();
  for (size_t i = 0; i < implementations.size(); ++i) add(i, implementations[i], rounds);
  Collector collector(implementations);
  benchmark::RunSpecifiedBenchmarks(&collector, ".*");
  benchmark::ClearRegisteredBenchmarks();
}

}  // namespace kiln::bench
