#include <devices/device.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "inventory.h"
#include "options.h"
#include "text.h"

namespace kiln::tool {
namespace {

struct Info {
  std::string version = kiln_version(), cpu, cpu_family, isa, reason;
  int threads = 0;
  std::vector<devices::Found> devices;
  std::vector<std::pair<std::string, std::string>> missing;  // an API without a device, and why
  std::vector<Target> built_in = cpu_targets(kernels());
};

// What Linux says of the first CPU: its name, or, on AArch64, the numbers of its maker and kind.
std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  std::string implementer;
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(": ");
    if (colon == std::string::npos) continue;
    const std::string value = line.substr(colon + 2);
    if (line.rfind("model name", 0) == 0) return value;
    if (line.rfind("CPU implementer", 0) == 0) implementer = value;
    if (line.rfind("CPU part", 0) == 0) return "implementer " + implementer + ", part " + value;
  }
  return "unknown";
}

// Of families.def; a bad KILN_CPU_FAMILY is reported.
std::string cpu_family() {
  const char *family = kiln_cpu_family();
  if (!family) fail(kiln_last_error());
  return family;
}

Info gather() {
  const Context context;
  Info info;
  info.cpu = cpu_name();
  info.cpu_family = cpu_family();
  info.isa = isa_of(context);
  const char *forced = std::getenv("KILN_ISA");
  info.reason = forced && *forced ? std::string("KILN_ISA=") + forced : "the best that this CPU runs";
  info.threads = threads_of(context);
  for (const std::string &api : other_devices()) {
    std::string why_not;
    const auto found = devices::find(api, &why_not);
    info.devices.insert(info.devices.end(), found.begin(), found.end());
    if (found.empty()) info.missing.emplace_back(api, why_not);
  }
  return info;
}

void print_text(const Info &info) {
  std::vector<std::string> isas;
  for (const Target &target : info.built_in)
    isas.push_back(target.isa + (target.runs_here ? "" : " (not on this CPU)"));
  std::vector<std::vector<std::string>> rows = {
      {"version", info.version},       {"CPU", one_line(info.cpu)},
      {"CPU family", info.cpu_family}, {"ISA", info.isa + " (" + one_line(info.reason) + ")"},
      {"built in", join(isas)},        {"threads", std::to_string(info.threads)}};
  for (const devices::Found &d : info.devices)
    rows.push_back({d.api + ":" + std::to_string(d.index),
                    one_line(d.name + " (" + d.driver + ", " + std::to_string(d.memory_bytes >> 20) + " MiB)")});
  for (const auto &[api, why_not] : info.missing) rows.push_back({api, "none (" + one_line(why_not) + ")"});
  std::cout << table(rows);
}

void print_json(const Info &info) {
  nlohmann::ordered_json result = {{"version", info.version},
                                   {"cpu", info.cpu},
                                   {"cpu_family", info.cpu_family},
                                   {"isa", info.isa},
                                   {"isa_reason", info.reason},
                                   {"threads", info.threads},
                                   {"isas", {}}};
  result["isas"] = nlohmann::ordered_json::array();
  for (const Target &target : info.built_in)
    result["isas"].push_back({{"isa", target.isa}, {"target", target.name}, {"runs_here", target.runs_here}});
  result["devices"] = nlohmann::ordered_json::array();
  for (const devices::Found &d : info.devices)
    result["devices"].push_back({{"device", d.api},
                                 {"index", d.index},
                                 {"name", d.name},
                                 {"driver", d.driver},
                                 {"memory_bytes", d.memory_bytes}});
  std::cout << result.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
}

}  // namespace

void add_info(CLI::App &app) {
  CLI::App *info = app.add_subcommand("info", "Print version, CPU, the instruction set in use and threads");
  auto json = std::make_shared<bool>(false);
  add_json(*info, *json);
  info->callback([json] { *json ? print_json(gather()) : print_text(gather()); });
}

}  // namespace kiln::tool
