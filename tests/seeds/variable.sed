# what: KILN_NUM_THREADS is not read
# test: threads
# build: release
# files: runtime/threads.cpp
s/{getenv("KILN_NUM_THREADS"), /{nullptr, /
