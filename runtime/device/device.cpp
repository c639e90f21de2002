#include "device.h"

#include "../status.h"

namespace kiln {
namespace {

// built_devices.inc has no row in libkiln.a, and those of devices.inc in libkiln_devices.a.
#define kiln_api_cuda &kCudaApi
#define kiln_api_opencl &kOpenclApi
#define kiln_more_rows_cuda {kDLCUDAManaged, kDLCUDA, "cuda", Target::count, nullptr},
#define kiln_more_rows_opencl
const DeviceRow rows[] = {
    {kDLCPU, kDLCPU, "cpu", Target::count, nullptr},
    {kDLCUDAHost, kDLCPU, "cpu", Target::count, nullptr},  // page-locked memory of the host
    {kDLROCMHost, kDLCPU, "cpu", Target::count, nullptr},
#define KILN_DEVICE(name, device, dlpack, halide) \
  {dlpack, dlpack, #device, Target::name, kiln_api_##device}, kiln_more_rows_##device
#include "built_devices.inc"
};
#undef kiln_api_cuda
#undef kiln_api_opencl
#undef kiln_more_rows_cuda
#undef kiln_more_rows_opencl

constexpr int kHostTypes = 3;

}  // namespace

const DeviceRow *find_device(int type) {
  for (const DeviceRow &row : rows)
    if (row.type == type) return &row;
  return nullptr;
}

const char *device_types() {
#define kiln_more_types_cuda ", kDLCUDAManaged"
#define kiln_more_types_opencl
  if (sizeof rows == kHostTypes * sizeof rows[0])
    return " kDLCPU, kDLCUDAHost, kDLROCMHost (this library is for the CPU alone; libkiln_devices has devices)";
  return " kDLCPU, kDLCUDAHost, kDLROCMHost"
#define KILN_DEVICE(name, device, dlpack, halide) ", " #dlpack kiln_more_types_##device
#include "built_devices.inc"
      ;
#undef kiln_more_types_cuda
#undef kiln_more_types_opencl
}

const char *device_name(DLDeviceType type) {
  const DeviceRow *row = find_device(type);
  return row ? row->name : "unknown";
}

kiln_status DeviceCall::begin(const kiln_context &given, DLDevice where) {
  const DeviceRow *row = find_device(where.device_type);
  if (!row || !row->api)
    return fail(KILN_STATUS_INTERNAL, "no device of type %d is built in", static_cast<int>(where.device_type));
  context = &given;
  target = row->target;
  if (kiln_status s = row->api->begin(this, where.device_id)) return s;
  api = row->api;  // from here on there is something to end
  return KILN_STATUS_OK;
}

}  // namespace kiln
