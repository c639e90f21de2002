# what: a bad KILN_NUM_THREADS is passed over
# test: threads
# build: release
# files: runtime/threads.cpp
/return invalid("KILN_NUM_THREADS/d
