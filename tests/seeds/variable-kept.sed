# what: after a bad KILN_NUM_THREADS, the second call takes one thread
# test: threads
# build: release
# files: runtime/threads.cpp
s/^    return s;/    return __atomic_store_n(\&found, 1, __ATOMIC_RELAXED), s;/
