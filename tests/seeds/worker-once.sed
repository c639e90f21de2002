# what: once a worker cannot be started, no later call starts one
# test: thread_faults
# build: release
# files: runtime/pool.cpp
s/^  pthread_sigmask(SIG_SETMASK, &saved, nullptr);/&\n  if (pool.workers < wanted) pool.stopping = true;/
