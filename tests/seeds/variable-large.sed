# what: numbers of threads are not bounded
# test: threads
# build: release
# files: runtime/threads.cpp
s/value = min(value \* 10 + (\*\*text - '0'), kMostThreads);/value = value * 10 + (**text - '0');/
