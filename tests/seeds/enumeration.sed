# what: an enumeration of the caller's is read as one, whatever number it holds
# target: call
# build: sanitize
# files: runtime/tensor.cpp
s/^  memcpy(&type, &t.device.device_type, sizeof type);/  type = t.device.device_type;/
