# what: the affinity mask is not asked for
# test: threads
# build: release
# files: runtime/threads.cpp
/sched_getaffinity(0, /d
/cpu_set_t set;/d
