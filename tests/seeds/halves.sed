# what: parts of a tensor of 16 bits begin where those of a float32 one would
# target: call
# build: release
# files: runtime/buffer.h
s/address + i \* bytes_of(element)/address + i * bytes_of(Element::float32)/
