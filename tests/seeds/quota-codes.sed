# what: codes in the names of mounts are not read
# test: threads
# build: release
# files: runtime/control_groups.cpp
/^    decode(mount/d
