#include "device.h"

#include "../status.h"

namespace kiln {
namespace {

struct Row {
  DLDeviceType type;
  const char *name;
  Target target;
  const DeviceApi *api;
};
#define kiln_api_cuda &kCudaApi
#define kiln_api_opencl &kOpenclApi
const Row rows[] = {
#define KILN_DEVICE(name, device, dlpack, halide) {dlpack, #device, Target::name, kiln_api_##device},
#include "devices.inc"
    {kDLCPU, "cpu", Target::count, nullptr},
};

const Row *find_row(DLDeviceType type) {
  for (const Row &row : rows)
    if (row.type == type) return &row;
  return nullptr;
}

}  // namespace

const DeviceApi *find_device_api(DLDeviceType type) {
  const Row *row = find_row(type);
  return row ? row->api : nullptr;
}

const char *device_name(DLDeviceType type) {
  const Row *row = find_row(type);
  return row ? row->name : nullptr;
}

kiln_status DeviceCall::begin(const kiln_context &given, DLDevice where) {
  const Row *row = find_row(where.device_type);
  if (!row || !row->api)
    return fail(KILN_STATUS_INTERNAL, "no device of type %d is built in", static_cast<int>(where.device_type));
  context = &given;
  target = row->target;
  if (kiln_status s = row->api->begin(this, where.device_id)) return s;
  api = row->api;  // from here on there is something to end
  return KILN_STATUS_OK;
}

kiln_status choose_device_kernel(const KernelList &kernels, const DeviceCall &call, Form form, const Kernel **kernel) {
  *kernel = find_kernel(kernels, call.target, call.context->accuracy, form, INT64_MAX);
  if (*kernel) return KILN_STATUS_OK;
  return fail(KILN_STATUS_UNSUPPORTED, "%s: no kernel for device %s is built in", kernels.first->op, call.api->name);
}

}  // namespace kiln
