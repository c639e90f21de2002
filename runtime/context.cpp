#include "context.h"

#include <stdlib.h>

#include <new>

#include "parallel.h"
#include "status.h"
#include "threads.h"

namespace kiln {
namespace {

kiln_status resolve_isa(const char *where, const char *isa, Target *target) {
  if (!find_target(isa, target)) return invalid("%s: expected one of%s, got \"%s\"", where, isa_names(), isa);
  if (row(*target).runs_here()) return KILN_STATUS_OK;
  Target best;
  return fail(KILN_STATUS_UNSUPPORTED_CPU,
              "%s: expected an instruction set that this CPU has (the best is %s), got \"%s\"", where,
              best_target(&best) ? row(best).isa : "none", isa);
}

// The process-wide choice, made at the first call: a Target, or kUndecided. KILN_ISA is read then and not again. A bad
// KILN_ISA is not stored, so that every call reports it.
constexpr int kUndecided = -1;
int process_choice = kUndecided;

kiln_status expect_context(const kiln_context *context) {
  return context ? KILN_STATUS_OK : invalid("context: expected a context, got NULL");
}

}  // namespace

const kiln_context kDefaults;

namespace {
// Memory of the heap is given back when the library is unloaded. Calls of other threads may be under way: each has its
// own block.
[[gnu::destructor]] void free_memory_of_defaults() { kDefaults.working_memory.free_all(); }
}  // namespace

kiln_status process_target(Target *target) {
  const int choice = __atomic_load_n(&process_choice, __ATOMIC_RELAXED);
  if (choice != kUndecided) {
    *target = static_cast<Target>(choice);
    return KILN_STATUS_OK;
  }
  const char *forced = getenv("KILN_ISA");
  if (forced && *forced) {
    if (kiln_status s = resolve_isa("KILN_ISA", forced, target)) return s;
  } else if (!best_target(target)) {
    return fail(KILN_STATUS_UNSUPPORTED_CPU, "expected a CPU that has one of%s, for which the library is built",
                isa_names());
  }
  __atomic_store_n(&process_choice, static_cast<int>(*target), __ATOMIC_RELAXED);
  return KILN_STATUS_OK;
}

int choose_threads(const kiln_context &context) {
  int threads = context.num_threads;
  if (threads == 0 && process_threads(&threads) != KILN_STATUS_OK) return 0;
  return threads < kMostThreads ? threads : kMostThreads;
}

}  // namespace kiln

using kiln::fail;
using kiln::invalid;

kiln_status kiln_context_create(kiln_context **context) {
  if (!context) return invalid("context: expected where to store a context, got NULL");
  void *memory = malloc(sizeof(kiln_context));
  if (!memory) return fail(KILN_STATUS_OUT_OF_MEMORY, "context: %zu bytes could not be had", sizeof(kiln_context));
  *context = new (memory) kiln_context;
  return KILN_STATUS_OK;
}

void kiln_context_destroy(kiln_context *context) {
  if (!context) return;
  context->working_memory.free_all();
  context->device_scratch.free_all();
  free(context);
}

kiln_status kiln_context_set_num_threads(kiln_context *context, int num_threads) {
  if (kiln_status s = kiln::expect_context(context)) return s;
  if (num_threads < 0) return invalid("num_threads: expected 0 or more, got %d", num_threads);
  context->num_threads = num_threads;
  return KILN_STATUS_OK;
}

kiln_status kiln_context_set_parallel_for(kiln_context *context, kiln_parallel_for parallel_for, void *data) {
  if (kiln_status s = kiln::expect_context(context)) return s;
  context->parallel_for = parallel_for;
  context->parallel_for_data = data;
  return KILN_STATUS_OK;
}

kiln_status kiln_context_set_accuracy(kiln_context *context, kiln_accuracy accuracy) {
  if (kiln_status s = kiln::expect_context(context)) return s;
  if (accuracy != KILN_ACCURACY_EXACT && accuracy != KILN_ACCURACY_FAST)
    return invalid("accuracy: expected KILN_ACCURACY_EXACT (0) or KILN_ACCURACY_FAST (1), got %d",
                   static_cast<int>(accuracy));
  context->accuracy = accuracy;
  return KILN_STATUS_OK;
}

kiln_status kiln_context_set_isa(kiln_context *context, const char *isa) {
  if (kiln_status s = kiln::expect_context(context)) return s;
  kiln::Target target{};
  if (isa)
    if (kiln_status s = kiln::resolve_isa("isa", isa, &target)) return s;
  context->isa_is_forced = isa != nullptr;
  context->isa = target;
  return KILN_STATUS_OK;
}

kiln_status kiln_context_set_cuda_stream(kiln_context *context, void *stream) {
  if (kiln_status s = kiln::expect_context(context)) return s;
  context->cuda_stream = stream;
  return KILN_STATUS_OK;
}

kiln_status kiln_context_set_opencl_queue(kiln_context *context, void *queue) {
  if (kiln_status s = kiln::expect_context(context)) return s;
  context->opencl_queue = queue;
  return KILN_STATUS_OK;
}

kiln_status kiln_context_set_workspace(kiln_context *context, void *memory, size_t bytes) {
  if (kiln_status s = kiln::expect_context(context)) return s;
  if (memory && bytes < KILN_WORKSPACE_MIN)
    return invalid("bytes: expected %d (KILN_WORKSPACE_MIN) or more, got %zu", KILN_WORKSPACE_MIN, bytes);
  context->working_memory.set(memory, bytes < INT64_MAX ? static_cast<int64_t>(bytes) : INT64_MAX);
  return KILN_STATUS_OK;
}

kiln_status kiln_context_set_streaming(kiln_context *context, size_t bytes) {
  if (kiln_status s = kiln::expect_context(context)) return s;
  context->streamed_from = bytes < INT64_MAX ? static_cast<int64_t>(bytes) : INT64_MAX;
  return KILN_STATUS_OK;
}

size_t kiln_context_workspace_peak(const kiln_context *context) {
  return static_cast<size_t>(kiln::settings(context).working_memory.peak());
}

const char *kiln_context_isa(const kiln_context *context) {
  kiln::Target target;
  return kiln::choose_target(kiln::settings(context), &target) == KILN_STATUS_OK ? kiln::row(target).isa : nullptr;
}

int kiln_context_num_threads(const kiln_context *context) { return kiln::choose_threads(kiln::settings(context)); }
