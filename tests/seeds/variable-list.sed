# what: OMP_NUM_THREADS is one number, no list
# test: threads
# build: release
# files: runtime/threads.cpp
s/return \*text == '\\0' || \*text == ',' ? count : 0;/return *text == '\\0' ? count : 0;/
