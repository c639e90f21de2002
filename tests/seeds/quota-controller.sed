# what: a hierarchy of version 1 that has another controller counts
# test: threads
# build: release
# files: runtime/control_groups.cpp
s/ && has_word(rest, "cpu"))) continue;/)) continue;/
