#include "settings.h"

#include <stdlib.h>
#include <string.h>

namespace kiln::jax {
namespace {

struct Made {
  Settings settings;
  void *stream;
  kiln_context *context;
  Made *next;
};
// Grows at its head, atomically, and by nothing else. Two threads may add the same.
Made *contexts = nullptr;

bool same(const Settings &a, const Settings &b) {
  return a.threads == b.threads && a.fast == b.fast && strcmp(a.isa, b.isa) == 0;
}

kiln_status make(const Settings &settings, void *stream, kiln_context **context) {
  kiln_status s = kiln_context_create(context);
  if (s != KILN_STATUS_OK) return s;
  s = kiln_context_set_num_threads(*context, settings.threads);
  if (s == KILN_STATUS_OK)
    s = kiln_context_set_accuracy(*context, settings.fast ? KILN_ACCURACY_FAST : KILN_ACCURACY_EXACT);
  if (s == KILN_STATUS_OK) s = kiln_context_set_isa(*context, settings.isa[0] ? settings.isa : nullptr);
  if (s == KILN_STATUS_OK) s = kiln_context_set_cuda_stream(*context, stream);
  if (s != KILN_STATUS_OK) kiln_context_destroy(*context);
  return s;
}

}  // namespace

void Settings::set(int new_threads, bool new_fast, const char *new_isa, size_t length) {
  if (length >= sizeof isa) length = sizeof isa - 1;
  threads = new_threads;
  fast = new_fast;
  memcpy(isa, new_isa, length);
  isa[length] = '\0';
}

kiln_status Settings::context(void *stream, const kiln_context **context) const {
  *context = nullptr;
  if (!stream && same(*this, Settings())) return KILN_STATUS_OK;
  for (const Made *each = __atomic_load_n(&contexts, __ATOMIC_ACQUIRE); each; each = each->next) {
    if (each->stream != stream || !same(each->settings, *this)) continue;
    *context = each->context;
    return KILN_STATUS_OK;
  }
  auto *added = static_cast<Made *>(malloc(sizeof(Made)));
  if (!added) return KILN_STATUS_OUT_OF_MEMORY;
  *added = {*this, stream, nullptr, nullptr};
  const kiln_status s = make(*this, stream, &added->context);
  if (s != KILN_STATUS_OK) {
    free(added);
    return s;
  }
  *context = added->context;
  added->next = __atomic_load_n(&contexts, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(&contexts, &added->next, added, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) {
  }
  return KILN_STATUS_OK;
}

}  // namespace kiln::jax
