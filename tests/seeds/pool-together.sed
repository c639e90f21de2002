# what: the pieces of work wait until all have begun
# test: callback_pools
# build: release
# files: runtime/parallel.cpp
s/^  const FpEnvironment environment;/  __atomic_fetch_add(\&job.begun, 1, __ATOMIC_RELEASE);\n  while (__atomic_load_n(\&job.begun, __ATOMIC_ACQUIRE) < job.workers) {\n  }\n&/
s/^  int status;/  int64_t workers, begun;\n&/
s/Job job{task, data, count, 0, KILN_STATUS_OK, ""};/Job job{task, data, count, 0, workers, 0, KILN_STATUS_OK, ""};/
