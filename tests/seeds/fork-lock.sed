# what: a child that is forked during a call finds the pool's lock held
# test: thread_faults
# build: release
# files: runtime/pool.cpp
s/^  pool.mutex = PTHREAD_MUTEX_INITIALIZER;//
s/if (pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) != 0) return;//
