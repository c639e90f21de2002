# what: control groups of version 1 are passed over
# test: threads
# build: release
# files: runtime/control_groups.cpp
s/if (!version_2 && !(strcmp(type, "cgroup") == 0 && has_word(rest, "cpu"))) continue;/if (!version_2) continue;/
