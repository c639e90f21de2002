# what: data may lie at any address
# target: call
# build: release
# files: runtime/tensor.cpp
s/if ((address & (alignment - 1)) != 0)/if (address == 1)/
