# what: a worker that cannot be started is counted as one
# test: thread_faults
# build: release
# files: runtime/pool.cpp
s/pthread_create(&pool.threads\[pool.workers\], nullptr, worker, nullptr) == 0)/pthread_create(\&pool.threads[pool.workers], nullptr, worker, nullptr) <= EAGAIN)/
s/^#include <pthread.h>/#include <errno.h>\n&/
