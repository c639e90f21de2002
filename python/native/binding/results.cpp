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
  int leading = 0;
  switch (rule) {
    case Shape::channels:
      if (input.ndim < 2) return false;
      extents->ndim = 1;
      extents->shape[0] = input.shape[1];
      return true;
    case Shape::groups:
    case Shape::planes:
      if (input.ndim < 2 || (rule == Shape::groups && (values.integer() < 1 || values.integer() > input.shape[1])))
        return false;
      extents->ndim = 2;
      extents->shape[0] = input.shape[0];
      extents->shape[1] = rule == Shape::groups ? values.integer() : input.shape[1];
      return true;
    case Shape::normalized_shape:
    case Shape::rows:
      leading = input.ndim - values.extents()->integers.count;
      if (leading < 0) return false;
      break;
    case Shape::any:
    case Shape::input:
      leading = input.ndim;
      break;
  }
  const int from = rule == Shape::normalized_shape ? leading : 0;
  extents->ndim = (rule == Shape::normalized_shape ? input.ndim : leading) - from;
  for (int d = 0; d < extents->ndim; ++d) extents->shape[d] = input.shape[from + d];
  return true;
}

bool make_result(const Place &place, PyObject *first, const Array &like, const Extents *extents, const DLDataType &type,
                 Result *result) {
  const Exchange *const exchange = is_numpy(first) ? nullptr : exchange_of(first);
  if (is_numpy(first)) {
    result->made.reset(make_numpy(first, like, extents, type));
  } else if (exchange && (extents || is_row_major(like.tensor))) {
    Extents same;
    if (!extents) extents_of(Shape::input, like.tensor, Values(), &same);
    result->made.reset(make_exchanged(*exchange, like, extents ? *extents : same, type));
  } else {
    return make_other(place, first, like, extents, type, result);
  }
  return static_cast<bool>(result->made);
}

}  // namespace kiln::python
