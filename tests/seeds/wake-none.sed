# what: short calls that follow one another wake no worker
# test: waking
# build: release
# files: runtime/pool.cpp
s/^  const bool wake = pool.lonely >= pool.price;/  const bool wake = false;/
