#include "parallel.h"

#include <stdio.h>

#include "fp_environment.h"
#include "integers.h"
#include "pool.h"
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
  int workers = 0, asleep = 0;  // asleep: of the pool's workers (pool.h); atomic
};

// Behind a task, of which this worker has done so many since `begin`: wakes a worker of the pool where what is left is
// worth it.
void call_worker(Job &job, int64_t begin, int64_t done) {
  const int64_t left = job.count - __atomic_load_n(&job.next, __ATOMIC_RELAXED);
  if (left <= 0) return;
  const int64_t present = job.workers - __atomic_load_n(&job.asleep, __ATOMIC_RELAXED);
  if ((pool_clock() - begin) / done * left >= pool_price() * present) pool_wake(&job.asleep);
}

void work(void *opaque, int64_t worker) {
  Job &job = *static_cast<Job *>(opaque);
  const FpEnvironment environment;
  const auto asleep = [&] { return __atomic_load_n(&job.asleep, __ATOMIC_RELAXED) > 0; };
  const int64_t begin = asleep() ? pool_clock() : 0;
  int64_t done = 0;
  for (int64_t i; (i = __atomic_fetch_add(&job.next, 1, __ATOMIC_RELAXED)) < job.count;) {
    const kiln_status status = job.task(job.data, i, static_cast<int>(worker));
    ++done;
    if (asleep()) call_worker(job, begin, done);
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
  job.workers = workers;
  if (context.parallel_for)
    context.parallel_for(context.parallel_for_data, workers, work, &job);
  else
    pool_for(workers, work, &job, &job.asleep);
  const kiln_status status = static_cast<kiln_status>(job.status);
  return status == KILN_STATUS_OK ? status : fail(status, "%s", job.message);
}

}  // namespace kiln
