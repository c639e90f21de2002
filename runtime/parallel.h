// Work split over threads: Kiln's own pool, or the app's.
#pragma once

#include "context.h"

namespace kiln {

// Of one call, the calling one included.
constexpr int kMostThreads = 255;

// One piece of work; returns KILN_STATUS_OK or what fail() returned. `worker` says whose working memory it may use.
using Task = kiln_status (*)(const void *data, int64_t i, int worker);

// How many workers `count` tasks are shared out over.
int workers_of(const kiln_context &context, int64_t count);

// Runs task(data, i, worker) for i in [0, count), worker in [0, workers_of(context, count)), and returns when all are
// done: KILN_STATUS_OK, or the status and, in this thread's kiln_last_error(), the message of a task that failed. The
// order is unspecified; no two tasks of one worker run at the same time. Threads other than the caller's enter the
// floating-point environment of kernels, which the caller is in already.
kiln_status run_tasks(const kiln_context &context, int64_t count, Task task, const void *data);

}  // namespace kiln
