# what: a group whose name begins as another's counts as one below it
# test: threads
# build: release
# files: runtime/control_groups.cpp
s/return path\[length\] == '\/' || path\[length\] == '\\0' ? path + length : nullptr;/return path + length;/
