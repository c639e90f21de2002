// libkiln_bench.so, for bench/library.py: the harness with implementations of other languages beside Kiln's. Strings
// that are returned stay as they are until the next call. Nothing is thrown.
#include "session.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

using kiln::bench::Json;
using kiln::bench::Session;

namespace {

std::string text;

const char *reply(const std::function<Json()> &work) {
  text = kiln::bench::answered(work).dump();
  return text.c_str();
}

}  // namespace

EXPORT const char *kiln_bench_answer(const char *request) {
  return reply([&] { return kiln::bench::answer(Json::parse(request)); });
}

// The reply is {} or {"error"}; then *session is NULL.
EXPORT const char *kiln_bench_open(const char *request, Session **session) {
  *session = nullptr;
  return reply([&] {
    *session = new Session(Json::parse(request));
    return Json::object();
  });
}

EXPORT void kiln_bench_close(Session *session) { delete session; }

// Its memory, with what lies between its elements, which `count` counts too; NULL where the case has no such tensor.
EXPORT void *kiln_bench_tensor(Session *session, const char *name, int64_t *count) {
  const auto *array = session->given.find(name);
  *count = array ? array->storage : 0;
  return array ? array->data() : nullptr;
}

// `call(argument)` returns 0 for success.
EXPORT void kiln_bench_add(Session *session, const char *name, int (*call)(void *), void *argument) {
  session->implementations.push_back({name, [call, argument] { return call(argument) == 0; }});
}

// One call; 0 for success.
EXPORT int kiln_bench_call(Session *session, const char *name) {
  auto *implementation = session->find(name);
  return implementation && implementation->call() ? 0 : 1;
}

EXPORT const char *kiln_bench_names(Session *session) {
  return reply([&] {
    Json names = Json::array();
    for (const auto &c : session->implementations) names.push_back(c.name);
    return Json{{"names", names}};
  });
}

EXPORT const char *kiln_bench_measure(Session *session) {
  return reply([&] { return session->run(); });
}
