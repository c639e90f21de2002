# what: quotas of control groups do not count
# test: threads
# build: release
# files: runtime/threads.cpp
s/min(min(sources.cpus, kMostThreads), quota_in_cpus(sources.root))/min(sources.cpus, kMostThreads)/
