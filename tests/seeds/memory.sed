# what: the last memory of a call is asked for when the output is written
# target: call
# build: release
# files: runtime/plans/local_response_norm.cpp
s/^  return staging_.finish();/  Array late;\n  if (kiln_status s = call_.executor.allocate(Element::float32, 1 << 16, \&late)) return s;\n&/
