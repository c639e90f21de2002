# what: where a worker cannot be started, the pool's lock is kept
# test: thread_faults
# build: release
# files: runtime/pool.cpp
/^  if (wake) pool.lonely = 0;/{n;s/.*/  if (pool.workers >= helpers) pthread_mutex_unlock(\&pool.mutex);/}
