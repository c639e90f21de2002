// A program that is linked with this has allocations that fail on demand: malloc, posix_memalign, memalign,
// aligned_alloc and what is built on them.
#pragma once

#include <cstdint>

namespace kiln::test {

// From now until stop_failing_memory(), allocation number `n` (from 1 on) of the process fails, and, unless it is this one
// `alone`, so do all behind it.
void start_failing_memory(int64_t n, bool alone = false);
// The number of allocations that were asked for meanwhile.
int64_t stop_failing_memory();

}  // namespace kiln::test
