# what: a mount is taken to show all groups, where it shows those below one
# test: threads
# build: release
# files: runtime/control_groups.cpp
s/own ? below(own, mount_root) : nullptr;/*mount_root ? own : nullptr;/
