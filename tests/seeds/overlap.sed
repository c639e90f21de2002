# what: input and output may overlap
# target: call
# build: release
# files: runtime/overlap.cpp
s/if (!share_memory(input, output)) return KILN_STATUS_OK;/return KILN_STATUS_OK;/
