# what: a piece of work waits for those before it
# test: callback_pools
# build: release
# files: runtime/parallel.cpp
s/^  const FpEnvironment environment;/  while (__atomic_load_n(\&job.begun, __ATOMIC_ACQUIRE) < worker) {\n  }\n  __atomic_fetch_add(\&job.begun, 1, __ATOMIC_RELEASE);\n&/
s/^  int status;/  int64_t begun;\n&/
s/Job job{task, data, count, 0, KILN_STATUS_OK, ""};/Job job{task, data, count, 0, 0, KILN_STATUS_OK, ""};/
