# what: short calls that are far apart count as if they followed one another
# test: waking
# build: release
# files: runtime/pool.cpp
s/^  if (begin - pool.last_end > kWatch) pool.lonely = 0;//
