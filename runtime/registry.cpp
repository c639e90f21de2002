// Every kernel of every operator, for listing.
#include <string.h>

#include "stages.h"
#include "status.h"

namespace kiln {

#define KILN_POINTWISE(name, accuracies, formula) extern const KernelList name##_kernels;
#include <kiln/operators.def>

namespace {

// An elementwise operator has a list of its own; a normalization the lists of its stages.
struct Entry {
  const char *op;
  const KernelList *kernels;
  const char *stages;
};
const Entry entries[] = {
#define KILN_POINTWISE(name, accuracies, formula) {#name, &name##_kernels, nullptr},
#define KILN_NORMALIZATION(name, stages, formula) {#name, nullptr, stages},
#include <kiln/operators.def>
};

struct StageEntry {
  const char *name;
  const KernelList *kernels;
};
const StageEntry stages[] = {
#define KILN_STAGE(name, family, forms, on_devices) {#name, &name##_kernels},
#include "../stages.def"
};

// The word of `words` that begins at `at`, and where the next one begins; "" at the end.
struct Word {
  const char *text;
  size_t length;
};
Word next_word(const char **at) {
  const Word word{*at, strcspn(*at, " ")};
  *at += word.length + strspn(*at + word.length, " ");
  return word;
}

const KernelList *find_stage(const Word &word) {
  for (const StageEntry &s : stages)
    if (strlen(s.name) == word.length && strncmp(s.name, word.text, word.length) == 0) return s.kernels;
  return nullptr;
}

// Takes `index` down by the list's length, or returns its kernel of that number.
const Kernel *take(const KernelList *list, int64_t *index) {
  if (!list) return nullptr;
  const int64_t count = list->last - list->first;
  if (*index < count) return list->first + *index;
  *index -= count;
  return nullptr;
}

const Kernel *kernel_at(int64_t index, const char **op) {
  if (index < 0) return nullptr;
  for (const Entry &entry : entries) {
    *op = entry.op;
    if (const Kernel *k = take(entry.kernels, &index)) return k;
    for (const char *at = entry.stages; at && *at;)
      if (const Kernel *k = take(find_stage(next_word(&at)), &index)) return k;
  }
  return nullptr;
}

}  // namespace
}  // namespace kiln

kiln_status kiln_kernel_at(int64_t index, kiln_kernel_info *info) {
  using kiln::fail;
  if (!info)
    return fail(KILN_STATUS_INVALID_ARGUMENT, "info: expected where to store a kernel's description, got NULL");
  const char *op = nullptr;
  const kiln::Kernel *kernel = kiln::kernel_at(index, &op);
  if (!kernel)
    return fail(KILN_STATUS_INVALID_ARGUMENT, "index: expected the number of a kernel that is built in, got %lld",
                static_cast<long long>(index));
  const kiln::TargetRow &target = kiln::row(kernel->target);
  *info = {op,
           kiln::name_of(kernel->direction),
           kiln::name_of(kernel->element),
           kernel->form_name,
           kernel->accuracy == KILN_ACCURACY_FAST ? "fast" : "exact",
           target.name,
           target.isa,
           target.runs_here(),
           target.device};
  return KILN_STATUS_OK;
}
