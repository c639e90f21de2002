#include "tensor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "device/device.h"
#include "status.h"

namespace kiln {
namespace {

// An enumeration of the caller's may hold any number.
int device_type_of(const DLTensor &t) {
  int type;
  memcpy(&type, &t.device.device_type, sizeof type);
  return type;
}

// "float64", "complex128", "bool8x4"; "type code 77 of 8 bits" for what has no name.
struct TypeText {
  char text[64];
  explicit TypeText(const DLDataType &type) {
    static const char *const names[] = {"int", "uint", "float", "opaque", "bfloat", "complex", "bool"};
    char lanes[16] = "";
    if (type.lanes != 1) snprintf(lanes, sizeof lanes, "x%d", type.lanes);
    if (type.code < sizeof names / sizeof names[0])
      snprintf(text, sizeof text, "%s%d%s", names[type.code], type.bits, lanes);
    else
      snprintf(text, sizeof text, "type code %d of %d bits%s", type.code, type.bits, lanes);
  }
};

// "float32", "float32 or float16", "float32, float16 or bfloat16".
struct ElementsText {
  char text[64];
  explicit ElementsText(uint32_t elements) {
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < kElements; ++i) {
      if (!(elements >> i & 1)) continue;
      const char *const between = used == 0 ? "" : elements >> i == 1 ? " or " : ", ";
      used += snprintf(text + used, sizeof text - used, "%s%s", between, kElementRows[i].name);
    }
  }
};

kiln_status read_element(const char *name, const DLDataType &type, uint32_t elements, Element *element) {
  for (int i = 0; i < kElements; ++i) {
    const ElementRow &row = kElementRows[i];
    if (!(elements >> i & 1) || type.code != row.code || type.bits != row.bits || type.lanes != 1) continue;
    *element = static_cast<Element>(i);
    return KILN_STATUS_OK;
  }
  return fail(KILN_STATUS_UNSUPPORTED, "%s: expected element type %s, got %s", name, ElementsText(elements).text,
              TypeText(type).text);
}

kiln_status read_type(const char *name, const DLTensor &t, uint32_t elements, Tensor *tensor) {
  if (kiln_status s = read_element(name, t.dtype, elements, &tensor->array.element)) return s;
  const int type = device_type_of(t);
  tensor->device = {kDLCPU, 0};
  if (type == kDLCPU) return KILN_STATUS_OK;
  const DeviceRow *row = find_device(type);
  if (!row)
    return fail(KILN_STATUS_UNSUPPORTED, "%s: expected a device of type%s, got device type %d", name, device_types(),
                type);
  if (row->computes != kDLCPU) tensor->device = {row->computes, t.device.device_id};
  return KILN_STATUS_OK;
}

// Copies the shape and counts the elements, whose bytes must fit an int64_t.
kiln_status read_shape(const char *name, const DLTensor &t, Tensor *tensor) {
  if (t.ndim < 0 || t.ndim > KILN_MAX_NDIM)
    return invalid("%s: expected a rank of 0 to %d, got %d", name, KILN_MAX_NDIM, t.ndim);
  if (t.ndim > 0 && !t.shape) return invalid("%s: expected a shape of %d extents, got shape NULL", name, t.ndim);
  tensor->ndim = t.ndim;
  int64_t nonzero = 1;
  bool empty = false;
  for (int d = 0; d < t.ndim; ++d) {
    const int64_t extent = t.shape[d];
    if (extent < 0)
      return invalid("%s: expected extents of 0 or more, got %" PRId64 " in dimension %d", name, extent, d);
    tensor->shape[d] = extent;
    empty |= extent == 0;
    if (extent > 0 && __builtin_mul_overflow(nonzero, extent, &nonzero)) nonzero = INT64_MAX;
  }
  if (!empty && nonzero > INT64_MAX >> log2_bytes_of(tensor->array.element))
    return invalid("%s: expected fewer than 2^%d elements, got shape %s", name,
                   63 - log2_bytes_of(tensor->array.element), ShapeText(*tensor).text);
  tensor->count = empty ? 0 : nonzero;
  return KILN_STATUS_OK;
}

// Copies the strides, or derives row-major ones. Dimensions of extent 1, and those of empty tensors, are
// never stepped along: their stride becomes 0.
kiln_status read_strides(const char *name, const DLTensor &t, Tensor *tensor) {
  int64_t compact = 1, reach = 0;
  tensor->dense = true;
  for (int d = t.ndim - 1; d >= 0; --d) {
    const int64_t extent = tensor->shape[d];
    if (extent == 1 || tensor->count == 0) {
      tensor->strides[d] = 0;
      continue;
    }
    const int64_t stride = t.strides ? t.strides[d] : compact;
    tensor->strides[d] = stride;
    tensor->dense = tensor->dense && stride == compact;
    compact *= extent;
    if (tensor->dense) {
      reach = compact - 1;  // the count has been checked
      continue;
    }
    int64_t step;
    if (stride == INT64_MIN || __builtin_mul_overflow(extent - 1, stride < 0 ? -stride : stride, &step) ||
        __builtin_add_overflow(reach, step, &reach) || reach > (INT64_MAX >> log2_bytes_of(tensor->array.element)) - 1)
      return invalid("%s: expected strides within the address space, got %" PRId64 " in dimension %d", name, stride, d);
  }
  return KILN_STATUS_OK;
}

kiln_status read_data(const char *name, const DLTensor &t, Tensor *tensor) {
  tensor->array.address = 0;
  tensor->array.object = nullptr;
  if (tensor->count == 0) return KILN_STATUS_OK;
  if (!t.data) return invalid("%s: expected data for shape %s, got data NULL", name, ShapeText(*tensor).text);
  const bool is_object = tensor->device.device_type == kDLOpenCL;
  if (is_object) tensor->array.object = t.data;
  uint64_t address;
  if (__builtin_add_overflow(is_object ? 0 : reinterpret_cast<uintptr_t>(t.data), t.byte_offset, &address))
    return invalid("%s: expected a byte_offset within the address space, got %" PRIu64, name, t.byte_offset);
  const int alignment = bytes_of(tensor->array.element);
  if ((address & (alignment - 1)) != 0)
    return invalid("%s: expected data aligned to %d bytes, got address 0x%" PRIx64, name, alignment, address);
  tensor->array.address = static_cast<int64_t>(address);
  return KILN_STATUS_OK;
}

}  // namespace

kiln_status read_tensor(const char *name, const DLTensor *given, uint32_t elements, Tensor *tensor) {
  if (!given) return invalid("%s: expected a tensor, got NULL", name);
  if (kiln_status s = read_type(name, *given, elements, tensor)) return s;
  if (kiln_status s = read_shape(name, *given, tensor)) return s;
  if (kiln_status s = read_strides(name, *given, tensor)) return s;
  return read_data(name, *given, tensor);
}

kiln_status expect_element(const char *name, const Tensor &tensor, const char *like_name, const Tensor &like) {
  if (tensor.array.element == like.array.element) return KILN_STATUS_OK;
  return fail(KILN_STATUS_UNSUPPORTED, "%s: expected element type %s, that of %s, got %s", name,
              row(like.array.element).name, like_name, row(tensor.array.element).name);
}

ShapeText::ShapeText(int ndim, const int64_t *shape) {
  size_t used = snprintf(text, sizeof text, "(");
  for (int d = 0; d < ndim && used + 32 < sizeof text; ++d) {
    used += snprintf(text + used, sizeof text - used, "%s%" PRId64, d ? ", " : "", shape[d]);
    if (d + 1 < ndim && used + 32 >= sizeof text) used += snprintf(text + used, sizeof text - used, ", ...");
  }
  snprintf(text + used, sizeof text - used, ndim == 1 ? ",)" : ")");
}

kiln_status refuse_device(const char *name, const Tensor &tensor, const char *like_name, const Tensor &like) {
  return invalid("%s: expected the device of %s, %s:%d, got %s:%d", name, like_name,
                 device_name(like.device.device_type), like.device.device_id, device_name(tensor.device.device_type),
                 tensor.device.device_id);
}

kiln_status refuse_shape(const char *name, const Tensor &tensor, int ndim, const int64_t *shape, const char *like) {
  return invalid("%s: expected the shape of %s, %s, got %s", name, like, ShapeText(ndim, shape).text,
                 ShapeText(tensor).text);
}

Span strided_span_of(const Tensor &t) {
  Span span;
  if (t.count == 0) return span;
  const int bytes = bytes_of(t.array.element);
  for (int d = 0; d < t.ndim; ++d) (t.strides[d] < 0 ? span.low : span.high) += (t.shape[d] - 1) * t.strides[d] * bytes;
  span.high += bytes;
  return span;
}

}  // namespace kiln
