// NumPy's arrays, by NumPy's C API: its headers are those of NumPy 2, and what they make runs with all from 1.23 on.
#include "arguments.h"
#include "array.h"

#define NPY_NO_DEPRECATED_API NPY_1_23_API_VERSION
#define NPY_TARGET_VERSION NPY_1_23_API_VERSION
#include <numpy/arrayobject.h>

namespace kiln::python {
namespace {

static_assert(sizeof(npy_intp) == sizeof(int64_t), "an extent is a DLTensor's");

PyArrayObject *array_of(PyObject *object) { return reinterpret_cast<PyArrayObject *>(object); }

bool refuse_type(const Place &place, PyArrayObject *from, const char *expected) {
  PyErr_Format(PyExc_TypeError, "kiln_%s: %s: expected %s, got %S", place.op, place.name, expected,
               reinterpret_cast<PyObject *>(PyArray_DESCR(from)));
  return false;
}

// Whether elements of two bytes that are none of NumPy's own are bfloat16: ml_dtypes', or what .npy files have of it,
// '<V2'.
bool is_bfloat16(PyArrayObject *from) {
  static PyTypeObject *known = nullptr;  // ml_dtypes' type, once it has come
  PyArray_Descr *const type = PyArray_DESCR(from);
  if (type->typeobj == known) return true;
  if (type->type_num < NPY_USERDEF) return false;
  Owned name(PyType_GetName(type->typeobj));
  if (!name) PyErr_Clear();
  if (!name || PyUnicode_CompareWithASCIIString(name.get(), "bfloat16") != 0) return false;
  if (!known) {
    known = type->typeobj;
    keep(reinterpret_cast<PyObject *>(known));
  }
  return true;
}

bool read_type(const Place &place, PyArrayObject *from, DLDataType *type) {
  static const struct {
    char kind;
    uint8_t code;
  } kinds[] = {{'f', kDLFloat}, {'i', kDLInt}, {'u', kDLUInt}, {'c', kDLComplex}, {'b', kDLBool}};
  const npy_intp bytes = PyArray_ITEMSIZE(from);
  if (PyArray_ISBYTESWAPPED(from)) return refuse_type(place, from, "this machine's byte order");
  for (const auto &row : kinds) {
    if (row.kind != PyArray_DESCR(from)->kind || bytes > 31) continue;
    *type = {row.code, static_cast<uint8_t>(8 * bytes), 1};
    return true;
  }
  *type = kBfloat16;
  return (bytes == 2 && is_bfloat16(from)) || refuse_type(place, from, "an array of float32, float16 or bfloat16");
}

bool read_strides(const Place &place, PyArrayObject *from, Array *array) {
  const npy_intp bytes = PyArray_ITEMSIZE(from);
  for (int d = 0; d < PyArray_NDIM(from); ++d) {
    const npy_intp stride = PyArray_STRIDE(from, d);
    array->strides[d] = stride / bytes;
    if (stride % bytes == 0 || PyArray_DIM(from, d) == 1 || PyArray_SIZE(from) == 0) continue;
    PyErr_Format(PyExc_ValueError, "kiln_%s: %s: expected strides of whole elements, got %zd bytes in dimension %d",
                 place.op, place.name, stride, d);
    return false;
  }
  array->tensor.strides = array->strides;
  return true;
}

// A new reference to NumPy's element type: the input's, or one by itself; of bfloat16 NumPy has none.
PyArray_Descr *type_for(PyArrayObject *first, const Array &like, const DLDataType &type) {
  if (same_type(type, like.tensor.dtype)) {
    keep(reinterpret_cast<PyObject *>(PyArray_DESCR(first)));
    return PyArray_DESCR(first);
  }
  if (type.code == kDLFloat) return PyArray_DescrFromType(same_type(type, kFloat32) ? NPY_FLOAT32 : NPY_FLOAT16);
  Owned types(PyImport_ImportModule("ml_dtypes"));
  Owned bfloat16(types ? PyObject_GetAttrString(types.get(), "bfloat16") : nullptr);
  PyArray_Descr *found = nullptr;
  if (bfloat16) PyArray_DescrConverter(bfloat16.get(), &found);
  return found;
}

}  // namespace

bool import_numpy() { return PyArray_ImportNumPyAPI() == 0; }

bool is_numpy(PyObject *object) { return PyArray_Check(object); }

bool is_boolean(PyObject *object) {
  return PyBool_Check(object) || PyLong_Check(object) || PyArray_IsScalar(object, Bool);
}

bool read_numpy(const Place &place, PyObject *object, bool writes, Array *array) {
  PyArrayObject *const from = array_of(object);
  if (!PyArray_CheckExact(object) && PyObject_HasAttrString(object, "mask"))
    return refuse(place, "an array without a mask", object);
  DLTensor &t = array->tensor;
  t.data = PyArray_DATA(from);
  t.device = {kDLCPU, 0};
  t.ndim = PyArray_NDIM(from);
  t.shape = reinterpret_cast<int64_t *>(PyArray_DIMS(from));
  array->owner.reset(keep(object));
  if (!read_type(place, from, &t.dtype)) return false;
  if (writes && !PyArray_ISWRITEABLE(from)) return refuse_read_only(place);
  return PyArray_IS_C_CONTIGUOUS(from) || read_strides(place, from, array);  // dense and row-major has no strides
}

PyObject *make_numpy(PyObject *first, const Array &like, const Extents *extents, const DLDataType &type) {
  if (!extents) return PyArray_NewLikeArray(array_of(first), NPY_KEEPORDER, nullptr, 0);  // in the order of its memory
  PyArray_Descr *const descr = type_for(array_of(first), like, type);
  return descr ? PyArray_Empty(extents->ndim, reinterpret_cast<const npy_intp *>(extents->shape), descr, 0) : nullptr;
}

}  // namespace kiln::python
