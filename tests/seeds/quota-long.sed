# what: a long line is cut, and its rest passes for the next
# test: threads
# build: release
# files: runtime/control_groups.cpp
s/^        if (length < size) line\[length\] = static_cast<char>(c);/        if (length == size - 1) return line[length] = '\\0', true;\n        line[length] = static_cast<char>(c);/
