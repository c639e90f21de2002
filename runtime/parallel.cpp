#include "parallel.h"

#include <stdio.h>

#include "fp_environment.h"
#include "integers.h"
#include "status.h"

namespace kiln {
namespace {

// What the workers of one call share.
struct Job {
  Task task;
  const void *data;
  int64_t count;
  int64_t next;  // atomic: the first task that nobody took
  // Set once, by the first task that fails; the message crosses from its thread to the caller's.
  int status;
  char message[512];
};

void work(void *opaque, int64_t worker) {
  Job &job = *static_cast<Job *>(opaque);
  const FpEnvironment environment;
  for (int64_t i; (i = __atomic_fetch_add(&job.next, 1, __ATOMIC_RELAXED)) < job.count;) {
    const kiln_status status = job.task(job.data, i, static_cast<int>(worker));
    if (status == KILN_STATUS_OK) continue;
    int expected = KILN_STATUS_OK;
    if (__atomic_compare_exchange_n(&job.status, &expected, status, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
      snprintf(job.message, sizeof job.message, "%s", kiln_last_error());
  }
}

}  // namespace

int workers_of(const kiln_context &context, int64_t count) {
  return static_cast<int>(max(1, min(choose_threads(context), count)));
}

kiln_status run_tasks(const kiln_context &context, int64_t count, Task task, const void *data) {
  const int workers = workers_of(context, count);
  if (workers == 1) {
    for (int64_t i = 0; i < count; ++i)
      if (kiln_status s = task(data, i, 0)) return s;
    return KILN_STATUS_OK;
  }
  Job job{task, data, count, 0, KILN_STATUS_OK, ""};
  if (context.parallel_for)
    context.parallel_for(context.parallel_for_data, workers, work, &job);
  else
    pool_for(workers, workers, work, &job);
  const kiln_status status = static_cast<kiln_status>(job.status);
  return status == KILN_STATUS_OK ? status : fail(status, "%s", job.message);
}

}  // namespace kiln
