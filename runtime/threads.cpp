#include "threads.h"

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "cancellation.h"
#include "control_groups.h"
#include "integers.h"
#include "parallel.h"
#include "status.h"

namespace kiln {
namespace {

// Reads a number from 1 on and steps behind it: more than kMostThreads count as that; 0 where none is there.
int read_count(const char **text) {
  int64_t value = 0;
  for (; **text >= '0' && **text <= '9'; ++*text) value = min(value * 10 + (**text - '0'), kMostThreads);
  return static_cast<int>(value);
}

void skip_blanks(const char **text) {
  while (**text == ' ' || **text == '\t') ++*text;
}

// As OpenMP has it: a number, or one for each level of nesting, of which the first counts. 0 for anything else.
int first_of_list(const char *text) {
  skip_blanks(&text);
  const int count = read_count(&text);
  skip_blanks(&text);
  return *text == '\0' || *text == ',' ? count : 0;
}

int affinity() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? static_cast<int>(min(online, kMostThreads)) : 1;
}

}  // namespace

kiln_status count_threads(const ThreadSources &sources, int *threads) {
  if (const char *text = sources.kiln_num_threads; text && *text) {
    const char *end = text;
    *threads = read_count(&end);
    if (*threads > 0 && *end == '\0') return KILN_STATUS_OK;
    return invalid("KILN_NUM_THREADS: expected a number of threads from 1 on, got \"%s\"", text);
  }
  *threads = sources.omp_num_threads ? first_of_list(sources.omp_num_threads) : 0;
  if (*threads == 0)
    *threads = static_cast<int>(max(1, min(min(sources.cpus, kMostThreads), quota_in_cpus(sources.root))));
  return KILN_STATUS_OK;
}

kiln_status process_threads(int *threads) {
  static int found = 0;  // atomic; 0: not yet
  *threads = __atomic_load_n(&found, __ATOMIC_RELAXED);
  if (*threads > 0) return KILN_STATUS_OK;
  const NotCancelled whole;
  if (kiln_status s = count_threads({getenv("KILN_NUM_THREADS"), getenv("OMP_NUM_THREADS"), affinity(), ""}, threads))
    return s;
  __atomic_store_n(&found, *threads, __ATOMIC_RELAXED);
  return KILN_STATUS_OK;
}

}  // namespace kiln
