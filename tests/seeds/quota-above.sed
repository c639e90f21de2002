# what: the quota of a group above the process's own does not count
# test: threads
# build: release
# files: runtime/control_groups.cpp
s/while (group.length() > top) {/while (group.length() > top + kLongest) {/
