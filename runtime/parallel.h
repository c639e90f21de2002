// Work split over threads: Kiln's own pool, or the app's.
#pragma once

#include "context.h"

namespace kiln {

// One piece of work; returns KILN_STATUS_OK or what fail() returned.
using Task = kiln_status (*)(const void *data, int64_t i);

// Runs task(data, i) for i in [0, count) on at most choose_threads(context) threads, each in the floating-point
// environment of kernels, and returns when all are done: KILN_STATUS_OK, or the status and, in this thread's
// kiln_last_error(), the message of a task that failed. The order is unspecified. One task runs in the calling thread.
kiln_status run_tasks(const kiln_context &context, int64_t count, Task task, const void *data);

}  // namespace kiln
