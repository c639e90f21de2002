# what: at exit, workers are joined with the pool's lock held
# test: thread_faults
# build: release
# files: runtime/pool.cpp
/^  pthread_cond_broadcast(&pool.work_arrived);/{n;d}
