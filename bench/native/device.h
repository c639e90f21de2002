// Requests may name a device, "cuda" or "opencl": tensors then lie in its memory.
#pragma once

#include <devices/device.h>

#include "case.h"

namespace kiln::bench {

// That of a request, opened once; NULL where it names none. Error where there is no such device.
devices::Device *device_of(const Json &request);

// {"name", "driver", "memory_bytes", "emulated"}
Json describe_device(const std::string &api);

}  // namespace kiln::bench
