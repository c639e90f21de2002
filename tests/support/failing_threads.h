// A program that is linked with this has pthread_create() fail on demand.
#pragma once

#include <cstdint>

namespace kiln::test {

// From now on, thread number `n` (from 1 on) that the process wants to start cannot be started, nor, unless it is this
// one `alone`, can those behind it.
void start_failing_threads(int64_t n, bool alone);
// The number of threads that were asked for meanwhile.
int64_t stop_failing_threads();

}  // namespace kiln::test
