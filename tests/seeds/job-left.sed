# what: a call does not wait for the workers that are inside of it
# test: thread_faults
# build: release
# files: runtime/pool.cpp
/^  const int64_t longest/,/^  while (job.active > 0)/d
