// Quotas of CPU time (docs/using/threads.md).
#pragma once

#include <stdint.h>

namespace kiln {

constexpr int64_t kNoQuota = INT64_MAX;

// The CPUs' worth of time, rounded up, that the process's control groups leave it: the least of its own group's and of
// all above it, in both versions of control groups; kNoQuota where none sets one or they cannot be read. `root` stands
// before every path.
int64_t quota_in_cpus(const char *root);

}  // namespace kiln
