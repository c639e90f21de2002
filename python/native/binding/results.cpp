#include "results.h"

#include "exchange.h"
#include "names.h"

namespace kiln::python {
namespace {

PyObject *tuple_of(int ndim, const int64_t *shape) {
  Owned tuple(PyTuple_New(ndim));
  if (!tuple) return nullptr;
  for (int d = 0; d < ndim; ++d) {
    PyObject *const extent = PyLong_FromLongLong(shape[d]);
    if (!extent || PyTuple_SetItem(tuple.get(), d, extent) < 0) return nullptr;
  }
  return tuple.release();
}

Extents leading_extents(const DLTensor &t, int ndim) {
  Extents extents;
  extents.ndim = ndim;
  for (int d = 0; d < ndim; ++d) extents.shape[d] = t.shape[d];
  return extents;
}

bool is_row_major(const DLTensor &t) {
  int64_t dense = 1;
  for (int d = t.ndim - 1; t.strides && d >= 0; --d) {
    if (t.shape[d] != 1 && t.strides[d] != dense) return false;
    dense *= t.shape[d];
  }
  return true;
}

// kiln._interop.make(first, shape, dtype, same, place): memory, and what makes the result of it, or None.
bool make_other(const Place &place, PyObject *first, const Array &like, const Extents *extents, const DLDataType &type,
                Result *result) {
  Owned shape(extents ? tuple_of(extents->ndim, extents->shape) : tuple_of(like.tensor.ndim, like.tensor.shape));
  Owned dtype(PyUnicode_FromString(name_of(type)));
  Owned where(PyUnicode_FromFormat("kiln_%s: %s", place.op, place.name));
  if (!shape || !dtype || !where) return false;
  Owned found(PyObject_CallFunctionObjArgs(names.make, first, shape.get(), dtype.get(), extents ? Py_False : Py_True,
                                           where.get(), nullptr));
  PyObject *const memory = found ? PyTuple_GetItem(found.get(), 0) : nullptr;
  PyObject *const finish = memory ? PyTuple_GetItem(found.get(), 1) : nullptr;
  if (!finish) return false;
  result->made.reset(keep(memory));
  if (finish != Py_None) result->finish.reset(keep(finish));
  return true;
}

}  // namespace

bool extents_of(Shape rule, const DLTensor &input, const Values &values, Extents *extents) {
  const bool by_channel = rule == Shape::channels || rule == Shape::groups || rule == Shape::planes;
  if (by_channel && input.ndim < 2) return false;
  const int rows = values.extents() ? input.ndim - values.extents()->integers.count : 0;
  if (rows < 0) return false;
  switch (rule) {
    case Shape::channels:
      extents->ndim = 1;
      extents->shape[0] = input.shape[1];
      return true;
    case Shape::groups:
      *extents = leading_extents(input, 2);
      extents->shape[1] = values.integer();
      return values.integer() >= 1 && values.integer() <= input.shape[1];
    case Shape::planes:
      *extents = leading_extents(input, 2);
      return true;
    case Shape::rows:
      *extents = leading_extents(input, rows);
      return true;
    case Shape::normalized_shape:
      extents->ndim = input.ndim - rows;
      for (int d = rows; d < input.ndim; ++d) extents->shape[d - rows] = input.shape[d];
      return true;
    case Shape::any:
    case Shape::input:
      break;
  }
  *extents = leading_extents(input, input.ndim);
  return true;
}

bool make_result(const Place &place, PyObject *first, const Array &like, const Extents *extents, const DLDataType &type,
                 Result *result) {
  const Exchange *const exchange = is_numpy(first) ? nullptr : exchange_of(first);
  if (is_numpy(first)) {
    result->made.reset(make_numpy(first, like, extents, type));
  } else if (exchange && (extents || is_row_major(like.tensor))) {
    const Extents shape = extents ? *extents : leading_extents(like.tensor, like.tensor.ndim);
    result->made.reset(make_exchanged(*exchange, like, shape, type));
  } else {
    return make_other(place, first, like, extents, type, result);
  }
  return static_cast<bool>(result->made);
}

}  // namespace kiln::python
