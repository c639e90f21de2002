// `kiln time`: each operator's throughput beside memcpy's, in one run.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "arguments.h"
#include "commands.h"
#include "npy.h"
#include "operators.h"
#include "options.h"
#include "progress.h"
#include "signals.h"
#include "text.h"

namespace kiln::tool {
namespace {

using Seconds = std::chrono::duration<double>;

// A timed piece of work. One sample is as many calls as take about a millisecond, or one.
struct Case {
  std::string name;
  std::function<void()> work;
  int tensors = 2;  // that are read or written
  int64_t calls = 1;
  std::vector<double> samples = {};

  double sample() const {
    const auto start = std::chrono::steady_clock::now();
    for (int64_t i = 0; i < calls; i++) work();
    return Seconds(std::chrono::steady_clock::now() - start).count() / static_cast<double>(calls);
  }
  void warm_up() {
    sample();
    calls = std::clamp<int64_t>(static_cast<int64_t>(1e-3 / std::max(sample(), 1e-9)), 1, 1 << 20);
  }
  void measure() { samples.push_back(sample()); }
};

double minimum(const std::vector<double> &values) { return *std::min_element(values.begin(), values.end()); }

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t n = values.size();
  return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

std::string number(double value, const char *format) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

// memcpy by as many threads as the operators use, each with a piece of at least 1 MiB.
void copy(char *to, const char *from, int64_t bytes, int threads) {
  const int64_t pieces = std::clamp<int64_t>(bytes >> 20, 1, threads), most = bytes / pieces / 64 * 64;
  const auto piece = [&](int64_t i) {
    const int64_t begin = most * i, end = i + 1 == pieces ? bytes : begin + most;
    std::memcpy(to + begin, from + begin, static_cast<size_t>(end - begin));
  };
  std::vector<std::thread> others;
  for (int64_t i = 1; i < pieces; i++) others.emplace_back(piece, i);
  piece(0);
  for (std::thread &thread : others) thread.join();
}

// Values between -8 and 8 in no order, the same in every run: a linear congruential sequence's upper bits.
void fill(float *data, int64_t count) {
  uint32_t state = 1;
  for (int64_t i = 0; i < count; i++) {
    state = state * 1664525u + 1013904223u;
    data[i] = static_cast<float>(static_cast<int32_t>(state)) * 0x1p-28f;
  }
}

// What is printed of a case.
struct Result {
  std::string name;
  double min_ms, median_ms, best_gbps, median_gbps, of_memcpy;
};

struct Time {
  std::vector<std::string> names;
  std::string dtype = "float32";
  Shape shape = {3, 3000, 4000};
  int rounds = 9;
  bool json = false;
  CallOptions options;
  Array input, output;
  std::vector<std::unique_ptr<Arguments>> arguments = {};

  Array make_array() const {
    Array array;
    array.shape = shape;
    array.type = parse_type(dtype);
    array.data = allocate(element_count(shape), array.type.size);
    return array;
  }

  // Of the operators that are named, or of all that take the type and are no gradients.
  std::vector<const descriptor::Operator *> operators() const {
    std::vector<const descriptor::Operator *> chosen;
    for (const std::string &name : names.empty() ? operator_names() : names) {
      const descriptor::Operator *op = find_operator(name);
      if (!op) fail(unknown_name("operator", name, operator_names()));
      if (!names.empty()) expect_dtype(*op, dtype);
      if (takes(*op, dtype) && (!names.empty() || op->direction == "forward")) chosen.push_back(op);
    }
    return chosen;
  }

  // Has the input hold values of its type.
  void fill_input() {
    const int64_t count = element_count(shape);
    if (input.type.name == kFloat32.name) return fill(input.floats(), count);
    const Buffer values = allocate(count);
    fill(static_cast<float *>(values.get()), count);
    Losses losses;
    convert(kFloat32, static_cast<const unsigned char *>(values.get()), count, input.type, input.data.get(), losses);
  }

  void operator()() {
    const Context context = options.context();
    if (rounds < 1) fail("--rounds: " + std::to_string(rounds) + ", expected at least 1");
    if (std::any_of(shape.begin(), shape.end(), [](int64_t extent) { return extent <= 0; }))
      fail("--shape: " + tuple(shape) + ", expected extents of at least 1");
    input = make_array();
    output = make_array();
    fill_input();
    std::vector<Case> cases = make_cases(context);
    const int interrupted = measure(cases);
    const bool any = !cases.back().samples.empty();
    if (any && json) print_json(cases, context);
    if (any && !json) print_text(cases, context);
    if (interrupted) {
      const std::string done = std::to_string(cases.back().samples.size());
      throw Interrupted(interrupted, done + " of " + std::to_string(rounds) + " rounds were done");
    }
  }

  // Whole rounds; returns the signal that asked for an end, or 0.
  int measure(std::vector<Case> &cases) const {
    const OrderlyEnd orderly;
    Progress progress((rounds + 1) * static_cast<int64_t>(cases.size()));
    for (int round = -1; round < rounds; round++)
      for (Case &c : cases) {
        if (const int number = OrderlyEnd::requested()) return number;
        round < 0 ? c.warm_up() : c.measure();
        progress.step(1, c.name);
      }
    return 0;
  }

  std::vector<Case> make_cases(const Context &context) {
    const int64_t bytes = static_cast<int64_t>(input.bytes());
    const int threads = threads_of(context);
    const auto *from_bytes = static_cast<const char *>(input.data.get());
    auto *to_bytes = static_cast<char *>(output.data.get());
    std::vector<Case> cases;
    cases.push_back({"memcpy", [=] { copy(to_bytes, from_bytes, bytes, threads); }});
    for (const descriptor::Operator *op : operators()) {
      arguments.push_back(std::make_unique<Arguments>(*op));
      arguments.back()->assume(input);
      const View from = input.view(), to = output.view();
      Arguments *call = arguments.back().get();
      const bool gradient = op->direction == "backward";
      cases.push_back({op->name, [=, &context] { call->call(from, to, context); }, gradient ? 3 : 2});
    }
    return cases;
  }

  double megabytes() const { return static_cast<double>(input.bytes()) / 1e6; }

  // An interrupted round is left out.
  std::vector<Result> results(const std::vector<Case> &cases) const {
    std::vector<Result> all;
    for (const Case &c : cases) {
      const std::vector<double> samples(c.samples.begin(), c.samples.begin() + cases.back().samples.size());
      const double low = minimum(samples), middle = median(samples), gigabytes = c.tensors * megabytes() / 1e3;
      all.push_back({c.name, low * 1e3, middle * 1e3, gigabytes / low, gigabytes / middle,
                     ratio(cases.front().samples, samples)});
    }
    return all;
  }

  void print_text(const std::vector<Case> &cases, const Context &context) const {
    const int threads = threads_of(context);
    std::cout << dtype << " " << tuple(shape) << ", " << number(megabytes(), "%.6g") << " MB; " << isa_of(context)
              << ", " << options.accuracy << ", " << threads << (threads == 1 ? " thread" : " threads") << ", "
              << cases.back().samples.size()
              << " rounds; GB/s: one read and one write of the tensor, and another read by gradients\n\n";
    std::vector<std::vector<std::string>> rows = {{"", "min ms", "median ms", "best GB/s", "median GB/s", "of memcpy"}};
    for (const Result &r : results(cases))
      rows.push_back({r.name, number(r.min_ms, "%.4g"), number(r.median_ms, "%.4g"), number(r.best_gbps, "%.1f"),
                      number(r.median_gbps, "%.1f"), number(r.of_memcpy, "%.2f")});
    std::cout << table(rows, 1);
  }

  void print_json(const std::vector<Case> &cases, const Context &context) const {
    nlohmann::ordered_json result = {{"version", kiln_version()},
                                     {"dtype", dtype},
                                     {"shape", shape},
                                     {"bytes", input.bytes()},
                                     {"isa", isa_of(context)},
                                     {"accuracy", options.accuracy},
                                     {"threads", threads_of(context)},
                                     {"rounds", cases.back().samples.size()},
                                     {"results", nlohmann::ordered_json::array()}};
    for (const Result &r : results(cases))
      result["results"].push_back({{"name", r.name},
                                   {"min_ms", r.min_ms},
                                   {"median_ms", r.median_ms},
                                   {"best_gb_per_s", r.best_gbps},
                                   {"median_gb_per_s", r.median_gbps},
                                   {"of_memcpy", r.of_memcpy}});
    std::cout << result.dump(2) << "\n";
  }

  // The median over the rounds of how much faster than memcpy a case was in the same round.
  static double ratio(const std::vector<double> &memcpy_samples, const std::vector<double> &samples) {
    std::vector<double> ratios;
    for (size_t i = 0; i < samples.size(); i++) ratios.push_back(memcpy_samples[i] / samples[i]);
    return median(ratios);
  }
};

}  // namespace

void add_time(CLI::App &app) {
  CLI::App *time = app.add_subcommand("time", "Measure operators beside memcpy, in interleaved rounds");
  auto call = std::make_shared<Time>();
  time->add_option("OP", call->names, "Operators; all where none is named");
  add_dtype(*time, call->dtype, "The tensor's element type");
  add_integers(*time, "--shape", call->shape, "The tensor's shape")->default_str("3,3000,4000");
  add_number(*time, "--rounds", call->rounds, "Samples of each operator");
  call->options.add_to(*time);
  add_json(*time, call->json);
  time->callback([call] { (*call)(); });
}

}  // namespace kiln::tool
