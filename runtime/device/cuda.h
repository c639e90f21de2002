// NVIDIA's driver as calls use it.
#pragma once

#include "cuda_api.h"
#include "device.h"

namespace kiln {

inline const cuda::Api &cuda_api(const DeviceCall &call) { return *static_cast<const cuda::Api *>(call.driver); }

// KILN_STATUS_OK for kSuccess; else a status whose message begins with `what` and ends in the driver's words.
kiln_status check_cuda(const cuda::Api &api, cuda::Result result, const char *what);

}  // namespace kiln
