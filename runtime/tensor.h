// A DLTensor that has been checked, with its strides spelled out.
#pragma once

#include "buffer.h"

namespace kiln {

struct Tensor {
  Array array;      // begins with the element at index 0, 0, ...; 0 where count is 0
  DLDevice device;  // that computes on its memory
  int ndim;
  bool dense;     // row-major without gaps
  int64_t count;  // product of the extents
  int64_t shape[KILN_MAX_NDIM];
  int64_t strides[KILN_MAX_NDIM];  // in elements
};

// Checks `given` (rank, shape, strides, element type, device, data) and spells it out. `name` is the argument's name in
// messages, `elements` are the types that it may have. Page-locked memory of the host is the CPU's; CUDA's managed
// memory is the device's.
kiln_status read_tensor(const char *name, const DLTensor *given, uint32_t elements, Tensor *tensor);

// Fails unless `tensor` has the element type of `like`.
kiln_status expect_element(const char *name, const Tensor &tensor, const char *like_name, const Tensor &like);

// "(2, 3)" and the like, for messages; what does not fit ends in "...".
struct ShapeText {
  char text[160];
  ShapeText(int ndim, const int64_t *shape);
  explicit ShapeText(const Tensor &t) : ShapeText(t.ndim, t.shape) {}
};

// Fails unless `tensor` is on the device of `like`.
kiln_status refuse_device(const char *name, const Tensor &tensor, const char *like_name, const Tensor &like);
inline kiln_status expect_device(const char *name, const Tensor &tensor, const char *like_name, const Tensor &like) {
  if (tensor.device.device_type == like.device.device_type && tensor.device.device_id == like.device.device_id)
    return KILN_STATUS_OK;
  return refuse_device(name, tensor, like_name, like);
}

// Fails unless `tensor` has the shape of `like`.
kiln_status refuse_shape(const char *name, const Tensor &tensor, int ndim, const int64_t *shape, const char *like);
inline kiln_status expect_shape(const char *name, const Tensor &tensor, int ndim, const int64_t *shape,
                                const char *like) {
  bool same = tensor.ndim == ndim;
  for (int d = 0; same && d < ndim; ++d) same = tensor.shape[d] == shape[d];
  return same ? KILN_STATUS_OK : refuse_shape(name, tensor, ndim, shape, like);
}

// The bytes that a tensor's elements lie in, relative to its first element: [low, high). Both 0 for an empty tensor.
struct Span {
  int64_t low = 0, high = 0;
};
Span strided_span_of(const Tensor &t);
inline Span span_of(const Tensor &t) {
  return t.dense ? Span{0, t.count * bytes_of(t.array.element)} : strided_span_of(t);
}

}  // namespace kiln
