// OpenCL as calls use it.
#pragma once

#include "device.h"
#include "opencl_api.h"

namespace kiln {

inline const opencl::Api &opencl_api(const DeviceCall &call) { return *static_cast<const opencl::Api *>(call.driver); }

// KILN_STATUS_OK for kSuccess; else a status whose message begins with `what` and ends in OpenCL's number and its name.
kiln_status check_opencl(opencl::Result result, const char *what);

}  // namespace kiln
