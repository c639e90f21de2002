# what: every call wakes the workers that it could use
# test: waking
# build: release
# files: runtime/pool.cpp
s/^  if (wake) pool_wake(asleep);/  while (*asleep > 0) pool_wake(asleep);/
