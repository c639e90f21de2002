# what: strides of an empty tensor are the products of its other extents, which overflow
# target: call
# build: sanitize
# files: runtime/tensor.cpp
s/if (extent == 1 || tensor->count == 0) {/if (extent == 1) {/
