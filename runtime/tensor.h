// A DLTensor that has been checked, with its strides spelled out.
#pragma once

#include <kiln/kiln.h>

namespace kiln {

struct Tensor {
  // The element at index 0, 0, ...: an address of the host or of a CUDA device, or its place in an OpenCL object. Where
  // count is 0, NULL.
  float *data = nullptr;
  void *object = nullptr;  // OpenCL's cl_mem; NULL for everything else
  DLDevice device{kDLCPU, 0};
  int ndim = 0;
  int64_t count = 0;  // product of the extents
  int64_t shape[KILN_MAX_NDIM];
  int64_t strides[KILN_MAX_NDIM];  // in elements
};

// Checks `given` (rank, shape, strides, element type, device, data) and spells it out. `name` is the argument's name in
// messages.
kiln_status read_tensor(const char *name, const DLTensor *given, Tensor *tensor);

// "(2, 3)" and the like, for messages; what does not fit ends in "...".
struct ShapeText {
  char text[160];
  ShapeText(int ndim, const int64_t *shape);
  explicit ShapeText(const Tensor &t) : ShapeText(t.ndim, t.shape) {}
};

bool same_shape(const Tensor &a, const Tensor &b);

// Fails unless `tensor` is on the device of `like`.
kiln_status expect_device(const char *name, const Tensor &tensor, const char *like_name, const Tensor &like);

// Fails unless `tensor` has the shape of `like`.
kiln_status expect_shape(const char *name, const Tensor &tensor, int ndim, const int64_t *shape, const char *like);

// The lowest and highest element's index relative to data; both 0 for an empty tensor.
struct Span {
  int64_t low = 0, high = 0;
};
Span span_of(const Tensor &t);

}  // namespace kiln
