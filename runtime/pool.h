// Kiln's thread pool: one a process, started by the first call that needs it.
#pragma once

#include <kiln/kiln.h>

namespace kiln {

// Of one call, the calling one included.
constexpr int kMostThreads = 255;

// Runs body(data, i) for i in [0, count) on the calling thread and at most threads - 1 of the pool's. Any number of
// threads may call at once. Where threads cannot be started the calling thread does the work alone.
void pool_for(int threads, int64_t count, kiln_parallel_body body, void *data);

}  // namespace kiln
