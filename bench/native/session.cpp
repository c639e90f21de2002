#include "session.h"

#include <algorithm>
#include <memory>

#include "machine.h"

namespace kiln::bench {

Session::Session(const Json &request) : given(request.at("case")), rounds(request) {
  const int threads = request.value("threads", 1);
  if (threads < 1 || threads > 4096) throw Error("threads: expected 1 to 4096, got " + std::to_string(threads));
  add_copies(contestants, given, threads);
  add_kiln(contestants, given, threads, request.value("isas", std::vector<std::string>{}), request.value("repeat", 1));
  add_bare_kernel(contestants, given);
  if (!request.contains("only")) return;
  const auto only = request.at("only").get<std::vector<std::string>>();
  for (const std::string &name : only)
    if (!find(name)) throw Error("only: no contestant \"" + name + "\"");
  const auto unwanted = [&](const Contestant &c) { return std::find(only.begin(), only.end(), c.name) == only.end(); };
  contestants.erase(std::remove_if(contestants.begin(), contestants.end(), unwanted), contestants.end());
}

Contestant *Session::find(const std::string &name) {
  for (Contestant &c : contestants)
    if (c.name == name) return &c;
  return nullptr;
}

Json Session::run() {
  for (Contestant &c : contestants) c.samples.clear();
  measure(contestants, rounds);
  Json rows = Json::array();
  for (const Contestant &c : contestants) {
    if (c.samples.empty()) continue;
    rows.push_back({{"name", c.name}, {"samples", c.samples}});
  }
  return {{"contestants", rows}};
}

namespace {

// The case that "open" opened, for rounds that alternate with those of another process.
std::unique_ptr<Session> opened;

Json open(const Json &request) {
  opened.reset();
  opened = std::make_unique<Session>(request);
  opened->rounds.count = 1;
  Json names = Json::array();
  for (const Contestant &c : opened->contestants) names.push_back(c.name);
  return {{"contestants", names}};
}

Json round() {
  if (!opened) throw Error("round: no case is open");
  return opened->run();
}

Json close() {
  opened.reset();
  return Json::object();
}

}  // namespace

Json answer(const Json &request) {
  const std::string what = request.at("do");
  if (what == "describe") return {{"machine", describe_machine()}};
  if (what == "roof") return {{"roof", measure_roof(request)}};
  if (what == "measure") return Session(request).run();
  if (what == "open") return open(request);
  if (what == "round") return round();
  if (what == "close") return close();
  throw Error("do: expected describe, roof, measure, open, round or close, got " + what);
}

Json answered(const std::function<Json()> &work) {
  try {
    return work();
  } catch (const std::exception &e) {
    return {{"error", e.what()}};
  }
}

}  // namespace kiln::bench
