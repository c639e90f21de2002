#include "session.h"

#include "machine.h"

namespace kiln::bench {

Session::Session(const Json &request) : given(request.at("case")), rounds(request) {
  const int threads = request.value("threads", 1);
  if (threads < 1 || threads > 4096) throw Error("threads: expected 1 to 4096, got " + std::to_string(threads));
  add_copies(contestants, given, threads);
  add_kiln(contestants, given, threads, request.value("isas", std::vector<std::string>{}), request.value("repeat", 1));
  add_bare_kernel(contestants, given);
}

Contestant *Session::find(const std::string &name) {
  for (Contestant &c : contestants)
    if (c.name == name) return &c;
  return nullptr;
}

Json Session::run() {
  measure(contestants, rounds);
  Json rows = Json::array();
  for (const Contestant &c : contestants) {
    if (c.samples.empty()) continue;
    rows.push_back({{"name", c.name}, {"samples", c.samples}});
  }
  return {{"contestants", rows}};
}

Json answer(const Json &request) {
  const std::string what = request.at("do");
  if (what == "describe") return {{"machine", describe_machine()}};
  if (what == "roof") return {{"roof", measure_roof(request)}};
  if (what == "measure") return Session(request).run();
  throw Error("do: expected describe, roof or measure, got " + what);
}

Json answered(const std::function<Json()> &work) {
  try {
    return work();
  } catch (const std::exception &e) {
    return {{"error", e.what()}};
  }
}

}  // namespace kiln::bench
