#include "parallel.h"

#include <stdio.h>

#include "fp_environment.h"
#include "pool.h"
#include "status.h"

namespace kiln {
namespace {

// What the threads of one call share.
struct Call {
  Task task;
  const void *data;
  // Set once, by the first task that fails; the message crosses from its thread to the caller's.
  int status;
  char message[512];
};

void run_one(void *opaque, int64_t i) {
  Call &call = *static_cast<Call *>(opaque);
  const FpEnvironment environment;
  const kiln_status status = call.task(call.data, i);
  if (status == KILN_STATUS_OK) return;
  int expected = KILN_STATUS_OK;
  if (__atomic_compare_exchange_n(&call.status, &expected, status, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
    snprintf(call.message, sizeof call.message, "%s", kiln_last_error());
}

}  // namespace

kiln_status run_tasks(const kiln_context &context, int64_t count, Task task, const void *data) {
  const int threads = choose_threads(context);
  if (count <= 1 || threads <= 1) {
    const FpEnvironment environment;
    for (int64_t i = 0; i < count; ++i)
      if (kiln_status s = task(data, i)) return s;
    return KILN_STATUS_OK;
  }
  Call call{task, data, KILN_STATUS_OK, ""};
  if (context.parallel_for)
    context.parallel_for(context.parallel_for_data, count, run_one, &call);
  else
    pool_for(threads, count, run_one, &call);
  const kiln_status status = static_cast<kiln_status>(call.status);
  return status == KILN_STATUS_OK ? status : fail(status, "%s", call.message);
}

}  // namespace kiln
