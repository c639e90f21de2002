# what: integers of Python 2 are taken in formats that it did not write
# target: npy
# build: release
# files: tools/kiln/npy_header.cpp
s/ == 'L' && python2_) at_++;/ == 'L') at_++;/
