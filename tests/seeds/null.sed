# what: an offset is added to a NULL pointer, of an empty tensor
# target: call
# build: sanitize
# files: runtime/tensor.cpp
s/^  if (tensor->count == 0) return KILN_STATUS_OK;/  tensor->array.address = reinterpret_cast<intptr_t>(static_cast<char *>(t.data) + t.byte_offset);\n&/
