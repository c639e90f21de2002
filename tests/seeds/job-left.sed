# what: a call does not wait for the workers that are inside of it
# test: thread_faults
# build: release
# files: runtime/pool.cpp
/^  while (job.active > 0 && watch()) {/,/^  while (job.active > 0)/d
