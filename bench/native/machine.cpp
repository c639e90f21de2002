#include "machine.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "copies.h"

namespace kiln::bench {
namespace {

std::string first_line(const std::string &path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// From /proc/cpuinfo: "model name" on x86; AArch64 has numbers of implementer and part.
std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  std::string name;
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(": ");
    if (colon == std::string::npos) continue;
    if (line.rfind("model name", 0) == 0) return line.substr(colon + 2);
    if (line.rfind("CPU implementer", 0) == 0) name = "implementer " + line.substr(colon + 2);
    if (line.rfind("CPU part", 0) == 0) return name + ", part " + line.substr(colon + 2);
  }
  return "unknown";
}

// Vendor, family and model, which tell generations apart that a virtual machine gives one name; empty where there is
// none.
std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  std::string words;
  for (std::string line; std::getline(file, line) && !line.empty();) {
    const size_t colon = line.find(": "), end = line.find_last_not_of("\t ", colon - 1);
    const std::string key = line.substr(0, end + 1);
    if (colon == std::string::npos || (key != "vendor_id" && key != "cpu family" && key != "model")) continue;
    words += (words.empty() ? "" : " ") + line.substr(colon + 2);
  }
  return words;
}

// Bytes of the data cache of each level that the first CPU sees; levels that the kernel does not name are left out.
Json caches() {
  Json found = Json::object();
  for (int i = 0; i < 8; ++i) {
    const std::string folder = "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(i) + "/";
    const std::string size = first_line(folder + "size");
    if (size.empty() || first_line(folder + "type") == "Instruction") continue;
    const int64_t unit = size.back() == 'K' ? 1 << 10 : size.back() == 'M' ? 1 << 20 : 1;
    found["L" + first_line(folder + "level")] = std::stoll(size) * unit;
  }
  return found;
}

}  // namespace

Json describe_machine() {
#if defined(__x86_64__)
  const char *architecture = "x86_64";
#elif defined(__aarch64__)
  const char *architecture = "aarch64";
#else
  const char *architecture = "other";
#endif
  return {{"architecture", architecture},
          {"cpu", cpu_name()},
          {"cpu_model", cpu_model()},
          {"cpus", kiln_context_num_threads(nullptr)},
          {"memory_bytes", static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE)},
          {"caches", caches()},
          {"isas", runnable_isas()},
          {"kiln", kiln_version()},
          {"compiler",
#if defined(__clang__)
           "clang " __VERSION__
#else
           "gcc " __VERSION__
#endif
          }};
}

namespace {

// Bytes read and written a second, by the fastest of the copies.
double bandwidth_of(int64_t bytes, const std::shared_ptr<Team> &team, const Rounds &rounds) {
  // Beside a call of so many bytes, starting the threads' parts and waiting for them is nothing.
  constexpr int64_t kBytesOfACall = 64 << 20;
  const int turns = static_cast<int>(std::max<int64_t>(1, kBytesOfACall / bytes));
  Case c({{"op", "tanh"}, {"shape", {bytes / 4}}});
  std::vector<Implementation> copies;
  add_copies(copies, c, team, turns);
  measure(copies, rounds);
  double fastest = HUGE_VAL;
  for (const Implementation &copy : copies)
    for (double s : copy.samples) fastest = std::min(fastest, s);
  return 2.0 * bytes * turns / fastest;
}

double flops_of(Team &team, const Rounds &rounds) {
  constexpr int64_t kTurns = 20000;
  std::vector<float> sums(team.size());
  std::vector<Implementation> multiply = {{"fma", [&] {
                                             team.run([&](int i) { sums[i] = multiply_add(kTurns); });
                                             return sums.front() != 0;
                                           }}};
  measure(multiply, rounds);
  const auto &samples = multiply.front().samples;
  return 2.0 * team.size() * kTurns * static_cast<double>(multiply_adds_a_turn()) /
         *std::min_element(samples.begin(), samples.end());
}

}  // namespace

Json measure_roof(const Json &request) {
  const Rounds rounds(request);
  const auto team = std::make_shared<Team>(threads_of(request));
  Json bandwidth = Json::array();
  for (const int64_t bytes : request.at("bytes").get<std::vector<int64_t>>())
    bandwidth.push_back({{"bytes", bytes}, {"read_write_per_second", bandwidth_of(bytes, team, rounds)}});
  return {{"bandwidth", bandwidth}, {"flops_per_second", flops_of(*team, rounds)}};
}

}  // namespace kiln::bench
