# what: quotas are rounded down
# test: threads
# build: release
# files: runtime/control_groups.cpp
s/(time - 1) \/ period + 1;/max(1, time \/ period);/
