# what: at exit, workers that sleep are not woken
# test: thread_faults
# build: release
# files: runtime/pool.cpp
s/^  pool.stopping = true;//
