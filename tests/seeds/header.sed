# what: headers of .npy files may have any length
# target: npy
# build: release
# files: tools/kiln/npy.cpp
s/kMaxHeader = 10000;/kMaxHeader = 1000000;/
