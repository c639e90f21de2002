#include "fuzz/contexts.h"

#include "support/operators.h"

namespace kiln::fuzz {
namespace {

// An app may run the bodies in any order, one after the other.
void backwards(void *, int64_t count, kiln_parallel_body body, void *data) {
  for (int64_t i = count - 1; i >= 0; --i) body(data, i);
}

std::vector<NamedContext> all_contexts() {
  std::vector<NamedContext> all = {{"no context", nullptr}};
  for (const test::Isa &isa : test::isas()) {
    if (!isa.runs_here) continue;
    for (int threads : {1, 3, 0}) {
      kiln_context *context = nullptr;
      if (kiln_context_create(&context) != KILN_STATUS_OK) continue;
      kiln_context_set_isa(context, isa.name.c_str());
      kiln_context_set_num_threads(context, threads == 0 ? 4 : threads);
      if (threads != 1) kiln_context_set_streaming(context, 0);
      if (threads == 0) kiln_context_set_parallel_for(context, backwards, nullptr);
      const std::string how = threads == 0 ? "parallel_for backwards" : std::to_string(threads) + " threads";
      all.push_back({isa.name + ", " + how, context});
    }
  }
  return all;
}

}  // namespace

const std::vector<NamedContext> &contexts() {
  static const std::vector<NamedContext> all = all_contexts();
  return all;
}

}  // namespace kiln::fuzz
