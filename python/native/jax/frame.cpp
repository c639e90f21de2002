#include "frame.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

namespace kiln::jax {
namespace {

// The types that Kiln has. Python has refused others by the time that XLA calls.
bool read_type(XLA_FFI_DataType from, DLDataType *to) {
  if (from == XLA_FFI_DataType_F32) return *to = {kDLFloat, 32, 1}, true;
  if (from == XLA_FFI_DataType_F16) return *to = {kDLFloat, 16, 1}, true;
  if (from == XLA_FFI_DataType_BF16) return *to = {kDLBfloat, 16, 1}, true;
  return false;
}

// Buffers of XLA are dense and row-major.
bool read_buffer(const void *from, DLDevice device, DLTensor *view, Text *error) {
  const auto &buffer = *static_cast<const XLA_FFI_Buffer *>(from);
  *view = {};
  view->data = buffer.data;
  view->device = device;
  view->ndim = static_cast<int32_t>(buffer.rank);
  view->shape = buffer.dims;
  return read_type(buffer.dtype, &view->dtype) || error->set("expected a buffer of float32, float16 or bfloat16");
}

struct Attribute {
  XLA_FFI_AttrType type;
  const void *value;  // NULL where there is none of the name
};
Attribute find(const XLA_FFI_Attrs &attributes, const char *name) {
  const size_t length = strlen(name);
  for (int64_t i = 0; i < attributes.size; ++i)
    if (attributes.names[i]->len == length && memcmp(attributes.names[i]->ptr, name, length) == 0)
      return {attributes.types[i], attributes.attrs[i]};
  return {XLA_FFI_AttrType_SCALAR, nullptr};
}

template <class T>
bool read_scalar(const Attribute &attribute, XLA_FFI_DataType type, T *value) {
  if (!attribute.value || attribute.type != XLA_FFI_AttrType_SCALAR) return false;
  const auto &scalar = *static_cast<const XLA_FFI_Scalar *>(attribute.value);
  if (scalar.dtype != type) return false;
  memcpy(value, scalar.value, sizeof *value);
  return true;
}

bool read_integers(const Attribute &attribute, Value *value) {
  if (attribute.type != XLA_FFI_AttrType_ARRAY) return false;
  const auto &array = *static_cast<const XLA_FFI_Array *>(attribute.value);
  value->integers.data = static_cast<const int64_t *>(array.data);
  value->integers.count = static_cast<int>(array.size);
  return array.dtype == XLA_FFI_DataType_S64;
}

// Arguments without an attribute are those whose default no attribute says: NULL, and no dimensions.
bool read_value(const Argument &argument, const Attribute &attribute, Value *value) {
  if (!attribute.value) {
    *value = {};
    if (argument.type == Type::real) value->real = argument.otherwise;
    return argument.type == Type::real || argument.type == Type::dims;
  }
  if (argument.type == Type::real) return read_scalar(attribute, XLA_FFI_DataType_F64, &value->real);
  if (argument.type == Type::integer) return read_scalar(attribute, XLA_FFI_DataType_S64, &value->integer);
  if (argument.type == Type::extents || argument.type == Type::dims) return read_integers(attribute, value);
  bool boolean = false;
  const bool read = read_scalar(attribute, XLA_FFI_DataType_PRED, &boolean);
  value->integer = boolean;
  return read;
}

bool read_settings(const XLA_FFI_Attrs &attributes, Settings *settings) {
  const Attribute isa = find(attributes, "isa");
  int64_t threads = 0;
  bool fast = false;
  if (!isa.value || isa.type != XLA_FFI_AttrType_STRING) return false;
  if (!read_scalar(find(attributes, "threads"), XLA_FFI_DataType_S64, &threads)) return false;
  if (!read_scalar(find(attributes, "fast"), XLA_FFI_DataType_PRED, &fast)) return false;
  const auto &word = *static_cast<const XLA_FFI_ByteSpan *>(isa.value);
  settings->set(static_cast<int>(threads), fast, word.ptr, word.len);
  return true;
}

}  // namespace

bool Text::set(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return false;
}

bool Frame::read(const Operator &op, DLDevice device, const XLA_FFI_CallFrame &frame, Text *error) {
  for (int i = 0; i < op.argument_count; ++i)
    if (!read_value(op.arguments[i], find(frame.attrs, op.arguments[i].name), &values[i]))
      return error->set("expected the attribute %s", op.arguments[i].name);
  if (!read_settings(frame.attrs, &settings)) return error->set("expected the attributes fast, isa and threads");
  int64_t present = 0, arguments = 0, results = 0;
  if (!read_scalar(find(frame.attrs, "tensors"), XLA_FFI_DataType_S64, &present))
    return error->set("expected the attribute tensors");
  const bool updates = op.written_when >= 0 && values[op.written_when].integer;
  for (int i = 0; i < op.tensor_count; ++i) {
    tensors[i] = present >> i & 1 ? &views[i] : nullptr;
    if (!tensors[i]) continue;
    const bool written = op.tensors[i] == Access::written;
    int64_t &next = written ? results : arguments;
    if (next == (written ? frame.rets.size : frame.args.size)) return error->set("expected more buffers");
    if (!read_buffer(written ? frame.rets.rets[next] : frame.args.args[next], device, tensors[i], error)) return false;
    ++next;
  }
  for (int i = 0; i < op.tensor_count; ++i) {  // which stand behind the other results
    if (!tensors[i] || !updates || op.tensors[i] != Access::updated) continue;
    if (results == frame.rets.size) return error->set("expected more results");
    const auto &buffer = *static_cast<const XLA_FFI_Buffer *>(frame.rets.rets[results++]);
    if (buffer.data != tensors[i]->data) return error->set("expected a result in the memory of its argument");
  }
  if (arguments != frame.args.size || results != frame.rets.size) return error->set("expected fewer buffers");
  return true;
}

bool check_version(const XLA_FFI_CallFrame &frame, Text *error) {
  const XLA_FFI_Api_Version &version = frame.api->api_version;
  const bool fits = version.major_version == XLA_FFI_API_MAJOR && frame.struct_size >= XLA_FFI_CallFrame_STRUCT_SIZE &&
                    frame.api->struct_size >= XLA_FFI_STRUCT_SIZE(XLA_FFI_Api, XLA_FFI_DeviceOrdinal_Get);
  return fits || error->set("expected version %d.%d of XLA's FFI or a later one of the same major number, got %d.%d",
                            XLA_FFI_API_MAJOR, XLA_FFI_API_MINOR, version.major_version, version.minor_version);
}

}  // namespace kiln::jax
