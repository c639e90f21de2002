# what: outputs are told apart by their names, not by their files
# target: npy
# build: release
# files: tools/kiln/named_files.cpp
s/places\[i\] && places\[j\] && \*places\[i\] == \*places\[j\]/files[i].path == files[j].path/
s/places\[i\]->stream && places\[j\]->stream/false/
