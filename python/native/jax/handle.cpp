// What XLA calls: it asks for the version of the FFI that a handler is compiled for, or has an operator carried out.
#include <stdio.h>

#include "frame.h"

namespace kiln::jax {
namespace {

XLA_FFI_Error *fail(const XLA_FFI_Api &api, XLA_FFI_Error_Code code, const char *text) {
  XLA_FFI_Error_Create_Args args = {XLA_FFI_Error_Create_Args_STRUCT_SIZE, nullptr, text, code};
  return api.XLA_FFI_Error_Create(&args);
}

XLA_FFI_Error *fail(const Operator &op, const XLA_FFI_Api &api, const Text &error) {
  char text[320];
  snprintf(text, sizeof text, "kiln_%s: %s", op.name, error.text);
  return fail(api, XLA_FFI_Error_Code_INTERNAL, text);
}

XLA_FFI_Error_Code code_of(kiln_status status) {
  switch (status) {
    case KILN_STATUS_INVALID_ARGUMENT:
      return XLA_FFI_Error_Code_INVALID_ARGUMENT;
    case KILN_STATUS_UNSUPPORTED:
    case KILN_STATUS_UNSUPPORTED_CPU:
      return XLA_FFI_Error_Code_UNIMPLEMENTED;
    case KILN_STATUS_OUT_OF_MEMORY:
      return XLA_FFI_Error_Code_RESOURCE_EXHAUSTED;
    case KILN_STATUS_NO_DEVICE:
      return XLA_FFI_Error_Code_UNAVAILABLE;
    default:
      return XLA_FFI_Error_Code_INTERNAL;
  }
}

XLA_FFI_Error *say_version(XLA_FFI_Extension_Base *extension) {
  XLA_FFI_Metadata &metadata = *reinterpret_cast<XLA_FFI_Metadata_Extension *>(extension)->metadata;
  metadata.api_version = {XLA_FFI_Api_Version_STRUCT_SIZE, nullptr, XLA_FFI_API_MAJOR, XLA_FFI_API_MINOR};
  metadata.traits = 0;
  metadata.state_type_id = XLA_FFI_UNKNOWN_TYPE_ID;
  return nullptr;
}

// The device and the stream that XLA has for the call.
XLA_FFI_Error *find_stream(const XLA_FFI_CallFrame &frame, DLDevice *device, void **stream) {
  XLA_FFI_DeviceOrdinal_Get_Args ordinal = {XLA_FFI_DeviceOrdinal_Get_Args_STRUCT_SIZE, nullptr, frame.ctx, 0};
  if (XLA_FFI_Error *error = frame.api->XLA_FFI_DeviceOrdinal_Get(&ordinal)) return error;
  XLA_FFI_Stream_Get_Args of = {XLA_FFI_Stream_Get_Args_STRUCT_SIZE, nullptr, frame.ctx, nullptr};
  if (XLA_FFI_Error *error = frame.api->XLA_FFI_Stream_Get(&of)) return error;
  *device = {kDLCUDA, ordinal.device_ordinal};
  *stream = of.stream;
  return nullptr;
}

}  // namespace

XLA_FFI_Error *handle(const Operator &op, Platform platform, XLA_FFI_CallFrame *frame) {
  if (frame->extension_start && frame->extension_start->type == XLA_FFI_Extension_Metadata)
    return say_version(frame->extension_start);
  Text error;
  const XLA_FFI_Api &api = *frame->api;
  if (!check_version(*frame, &error)) return fail(op, api, error);
  DLDevice device = {kDLCPU, 0};
  void *stream = nullptr;
  if (platform == Platform::cuda)
    if (XLA_FFI_Error *refused = find_stream(*frame, &device, &stream)) return refused;
  Frame call;
  if (!call.read(op, device, *frame, &error)) return fail(op, api, error);
  const kiln_context *context;
  kiln_status status = call.settings.context(stream, &context);
  if (status == KILN_STATUS_OK) status = op.call(context, call.tensors, call.values);
  return status == KILN_STATUS_OK ? nullptr : fail(api, code_of(status), kiln_last_error());
}

}  // namespace kiln::jax
