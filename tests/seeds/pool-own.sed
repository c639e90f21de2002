# what: Kiln's own pool runs what the app's is to run
# test: callback_pools
# build: release
# files: runtime/parallel.cpp
s/^  if (context.parallel_for)$/  if (context.parallel_for \&\& workers > kMostThreads)/
