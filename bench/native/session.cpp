#include "session.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>

#include "device.h"
#include "machine.h"

namespace kiln::bench {

Session::Session(const Json &request) : given(request.at("case")), rounds(request) {
  const int threads = threads_of(request);
  devices::Device *device = device_of(request);
  if (device) {
    given.move_to(*device);
    add_device_copy(implementations, given, *device);
  } else {
    add_copies(implementations, given, std::make_shared<Team>(threads), 1);
    add_bare_kernel(implementations, given);
  }
  const auto isas = request.value("isas", std::vector<std::string>{});
  add_kiln(implementations, given, threads, isas, request.value("repeat", 1), device);
  if (const Json &description = request.at("case"); description.contains("plain")) {
    implementations.push_back(beside(description.at("plain"), threads, isas, device).front());
    implementations.back().name = "plain";
  }
  if (request.value("float32", false)) {
    Json wide = request.at("case");
    wide["dtype"] = "float32";
    for (Implementation &c : beside(wide, threads, isas, device)) {
      c.name.replace(0, std::strlen("kiln"), "float32");
      implementations.push_back(std::move(c));
    }
  }
  if (!request.contains("only")) return;
  const auto only = request.at("only").get<std::vector<std::string>>();
  for (const std::string &name : only)
    if (!find(name)) throw Error("only: no implementation \"" + name + "\"");
  const auto unwanted = [&](const Implementation &c) {
    return std::find(only.begin(), only.end(), c.name) == only.end();
  };
  implementations.erase(std::remove_if(implementations.begin(), implementations.end(), unwanted),
                        implementations.end());
}

std::vector<Implementation> Session::beside(const Json &description, int threads, const std::vector<std::string> &isas,
                                            devices::Device *device) {
  others.push_back(std::make_unique<Case>(description));
  if (device) others.back()->move_to(*device);
  std::vector<Implementation> added;
  add_kiln(added, *others.back(), threads, isas, 1, device);
  return added;
}

Implementation *Session::find(const std::string &name) {
  for (Implementation &c : implementations)
    if (c.name == name) return &c;
  return nullptr;
}

Json Session::run() {
  for (Implementation &c : implementations) c.samples.clear();
  measure(implementations, rounds);
  Json rows = Json::array();
  for (const Implementation &c : implementations) {
    if (c.samples.empty()) continue;
    rows.push_back({{"name", c.name}, {"samples", c.samples}});
  }
  return {{"implementations", rows}};
}

namespace {

// The cases that "open" opened, by name, for rounds that alternate with those of another process.
std::map<std::string, std::unique_ptr<Session>> sessions;

Json open(const Json &request) {
  const std::string name = request.at("as");
  sessions.erase(name);
  auto session = std::make_unique<Session>(request);
  session->rounds.count = 1;
  Json names = Json::array();
  for (const Implementation &c : session->implementations) names.push_back(c.name);
  sessions[name] = std::move(session);
  return {{"implementations", names}};
}

Session &opened(const Json &request) {
  const std::string name = request.at("of");
  const auto found = sessions.find(name);
  if (found == sessions.end()) throw Error("of: no case is open as \"" + name + "\"");
  return *found->second;
}

// FNV-1a over the bits of all results, after a call on results of zeros.
Json bits(Session &session) {
  const std::vector<Array *> written = session.given.written();
  for (Array *result : written) result->clear();
  if (session.implementations.empty() || !session.implementations.front().call()) throw Error("bits: the call failed");
  uint64_t hash = 14695981039346656037u;
  for (Array *result : written) {
    result->fetch();
    const auto *words = static_cast<const uint16_t *>(result->data());
    for (size_t i = 0; i < result->bytes() / sizeof *words; ++i) hash = (hash ^ words[i]) * 1099511628211u;
  }
  return {{"bits", std::to_string(hash)}};
}

Json close(const Json &request) {
  sessions.erase(request.at("of").get<std::string>());
  return Json::object();
}

}  // namespace

Json answer(const Json &request) {
  const std::string what = request.at("do");
  if (what == "describe") {
    Json described = {{"machine", describe_machine()}};
    if (request.contains("device")) described["device"] = describe_device(request.at("device"));
    return described;
  }
  if (what == "roof") return {{"roof", measure_roof(request)}};
  if (what == "measure") return Session(request).run();
  if (what == "open") return open(request);
  if (what == "round") return opened(request).run();
  if (what == "bits") return bits(opened(request));
  if (what == "close") return close(request);
  throw Error("do: expected describe, roof, measure, open, round, bits or close, got " + what);
}

Json answered(const std::function<Json()> &work) {
  try {
    return work();
  } catch (const std::exception &e) {
    return {{"error", e.what()}};
  }
}

}  // namespace kiln::bench
