# what: what the workers of one call share is shared by all calls
# target: sequence
# build: release
# files: runtime/parallel.cpp
s/^  Job job{task, data, count, 0, KILN_STATUS_OK, ""};/  static Job job;\n  job = Job{task, data, count, 0, KILN_STATUS_OK, ""};/
