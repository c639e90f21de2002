// OpenCL has no function that names an error.
#include "../status.h"
#include "opencl.h"

namespace kiln {
namespace {

struct Name {
  opencl::Result result;
  const char *text;
};
const Name names[] = {
    {-1, "CL_DEVICE_NOT_FOUND"},
    {-2, "CL_DEVICE_NOT_AVAILABLE"},
    {-3, "CL_COMPILER_NOT_AVAILABLE"},
    {-4, "CL_MEM_OBJECT_ALLOCATION_FAILURE"},
    {-5, "CL_OUT_OF_RESOURCES"},
    {-6, "CL_OUT_OF_HOST_MEMORY"},
    {-8, "CL_MEM_COPY_OVERLAP"},
    {-11, "CL_BUILD_PROGRAM_FAILURE"},
    {-13, "CL_MISALIGNED_SUB_BUFFER_OFFSET"},
    {-30, "CL_INVALID_VALUE"},
    {-33, "CL_INVALID_DEVICE"},
    {-34, "CL_INVALID_CONTEXT"},
    {-36, "CL_INVALID_COMMAND_QUEUE"},
    {-38, "CL_INVALID_MEM_OBJECT"},
    {-42, "CL_INVALID_BINARY"},
    {-43, "CL_INVALID_BUILD_OPTIONS"},
    {-46, "CL_INVALID_KERNEL_NAME"},
    {-49, "CL_INVALID_ARG_INDEX"},
    {-50, "CL_INVALID_ARG_VALUE"},
    {-51, "CL_INVALID_ARG_SIZE"},
    {-54, "CL_INVALID_WORK_GROUP_SIZE"},
    {-61, "CL_INVALID_BUFFER_SIZE"},
    {-63, "CL_INVALID_GLOBAL_WORK_SIZE"},
    {-1001, "CL_PLATFORM_NOT_FOUND_KHR"},
};

const char *name_of(opencl::Result result) {
  for (const Name &name : names)
    if (name.result == result) return name.text;
  return "see CL/cl.h";
}

}  // namespace

kiln_status check_opencl(opencl::Result result, const char *what) {
  if (result == opencl::kSuccess) return KILN_STATUS_OK;
  return fail(KILN_STATUS_DEVICE_ERROR, "%s: OpenCL's error %d (%s)", what, result, name_of(result));
}

}  // namespace kiln
