// How many threads calls use where their context does not say.
#pragma once

#include <kiln/kiln.h>

namespace kiln {

// What decides, the first that says a number: the variables' texts, NULL where they are not set; then the CPUs that the
// affinity mask leaves, as far as the quotas of the process's control groups reach.
struct ThreadSources {
  const char *kiln_num_threads;
  const char *omp_num_threads;
  int cpus;
  const char *root;  // stands before the paths /proc and /sys: "", but for tests
};
// 1 to kMostThreads. Fails where KILN_NUM_THREADS is no number.
kiln_status count_threads(const ThreadSources &sources, int *threads);

// The process's own count, found by the first call that asks. A bad KILN_NUM_THREADS is not stored, so that every call
// reports it.
kiln_status process_threads(int *threads);

}  // namespace kiln
