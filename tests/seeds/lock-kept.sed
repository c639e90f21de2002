# what: where a worker cannot be started, the pool's lock is kept
# test: thread_faults
# build: release
# files: runtime/pool.cpp
/^  for (int i = 0; i < job.places; ++i) pthread_cond_signal/{n;s/.*/  if (pool.workers >= helpers) pthread_mutex_unlock(\&pool.mutex);/}
