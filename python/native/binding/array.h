// Arrays as tensors: NumPy's by its C API, all others by DLPack, in C where their library has exchange.h's functions.
#pragma once

#include "python.h"

namespace kiln::python {

// The CUDA stream that a call works on, from its first array on a device on.
struct Stream {
  bool known = false;
  void *handle = nullptr;  // NULL: the default stream
};

// What a call holds of an array: the tensor that Kiln gets, and what keeps its memory.
struct Array {
  DLTensor tensor = {};
  int64_t strides[KILN_MAX_NDIM];  // in elements, where the array has bytes
  Owned owner;
  bool by_python =
      false;  // code of the producer's has run; else shape and memory are the array's own, which that may change
};

// A shape of its own.
struct Extents {
  int ndim = 0;
  int64_t shape[KILN_MAX_NDIM];
};

// Reads an array; `writes`: which may not be read-only. False with an exception set.
bool read_array(const Place &place, PyObject *object, bool writes, Stream *stream, Array *array);

// The same by kiln._interop, of arrays that are not NumPy's.
bool read_other(const Place &place, PyObject *object, bool writes, Stream *stream, Array *array);

constexpr DLDataType kFloat32 = {kDLFloat, 32, 1}, kFloat16 = {kDLFloat, 16, 1}, kBfloat16 = {kDLBfloat, 16, 1};
bool same_type(const DLDataType &a, const DLDataType &b);
// Of an element type, as NumPy names it; NULL where it is none that Kiln takes.
const char *name_of(const DLDataType &type);

bool refuse_read_only(const Place &place);

// ---- NumPy's ----

// False with an exception set, as all of these.
bool import_numpy();
bool is_numpy(PyObject *object);
bool is_boolean(PyObject *object);  // True, False, 1, 0, or NumPy's
bool read_numpy(const Place &place, PyObject *object, bool writes, Array *array);
// A new array like `first`, which is read as `like`; of its shape where `extents` is NULL.
PyObject *make_numpy(PyObject *first, const Array &like, const Extents *extents, const DLDataType &type);

}  // namespace kiln::python
